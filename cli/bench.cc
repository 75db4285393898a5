#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "graph/shapes.h"
#include "onnx/onnx.h"
#include "target/measure.h"

namespace nacre {
namespace {

struct BenchOptions {
  std::vector<std::string> models;
  std::string target = "cpu:int8,threads=1,batch=1";
  double seconds = 3;   // per model
};

Expected<void> Bench(const BenchOptions& options, bool json) {
  NACRE_TRY(const Target target, Target::Parse(options.target));
  NACRE_CHECK_OK(CheckServes(InspectMachine(), target));
  std::vector<MeasureJob> jobs;
  for (const std::string& model : options.models) {
    NACRE_TRY(Network network, ReadOnnx(model));
    jobs.push_back({std::move(network), {target.precision, target.threads, target.batch}});
  }
  const MeasureOptions measure{.rounds = 31, .slice = Seconds(options.seconds / 31)};
  const auto results = MeasureInChild(jobs, measure, {});
  nlohmann::json rows = nlohmann::json::array();
  if (!json) fmt::print("{:>12} {:>23} {:>12} {:>22}  model\n", "median ms", "95 % interval", "p90 ms", "first / this");
  for (size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) return tl::unexpected<Error>(results[i].error());
    const Measurement& m = results[i]->measurement;
    const Ratio& r = results[i]->over_first;
    rows.push_back({{"model", options.models[i]}, {"latency_ms", Milliseconds(m.median)},
                    {"latency_ci_ms", {Milliseconds(m.low), Milliseconds(m.high)}},
                    {"latency_p90_ms", Milliseconds(m.p90)}, {"samples", m.samples},
                    {"speedup_over_first", r.median}, {"speedup_ci", {r.low, r.high}},
                    {"differs", r.differs()}});
    if (json) continue;
    const std::string ratio = i == 0 ? "1"
                              : r.differs() ? fmt::format("{:.2f}x ({:.2f}-{:.2f})", r.median, r.low, r.high)
                                            : "no difference";
    fmt::print("{:>12.4f} {:>23} {:>12.4f} {:>22}  {}\n", Milliseconds(m.median),
               fmt::format("{:.4f} - {:.4f}", Milliseconds(m.low), Milliseconds(m.high)),
               Milliseconds(m.p90), ratio, options.models[i]);
  }
  if (json) fmt::print("{}\n", rows.dump(2));
  return {};
}

}  // namespace

void AddBench(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("bench", "interleaved latency of one or more models");
  auto options = std::make_shared<BenchOptions>();
  command->add_option("MODEL,-m", options->models, "ONNX files; the first is the baseline")->required();
  command->add_option("--target", options->target, "cpu:int8,threads=1,batch=1")->capture_default_str();
  command->add_option("-t,--seconds", options->seconds, "time per model")
      ->capture_default_str()->check(CLI::Range(0.1, 3600.0));
  command->callback([&line, options] {
    line.chosen = [&line, options] { return Bench(*options, line.json); };
  });
}

}  // namespace nacre
