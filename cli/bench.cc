// nacre bench: latency interleaved, throughput of several streams, MLPerf scenarios. Flags that
// OpenVINO's benchmark_app has too mean the same here.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "benchmark/scenario.h"
#include "benchmark/throughput.h"
#include "cli/command.h"
#include "graph/shapes.h"
#include "onnx/onnx.h"
#include "target/remote.h"

namespace nacre {
namespace {

using nlohmann::json;

struct BenchOptions {
  std::vector<std::string> models;
  std::string target = "cpu:int8,threads=1,batch=1";
  double seconds = 3;            // for each model, or for each scenario and model
  int streams = 0, threads = 0;  // 0: as the target and the hint say
  int64_t batch = 0;             // 0: as the target says
  std::string device, hint;
  std::vector<std::string> scenarios;
  std::string logs = "mlperf";
  double server_bound = 10;  // milliseconds
  double server_rate = 0;
  bool seconds_given = false;
};

struct Prepared {
  Target target;
  std::vector<Network> networks;
  int streams = 1;
};

int ChooseThreads(const BenchOptions& options, const Target& target, const MachineInfo& machine) {
  if (options.threads > 0) return options.threads;
  return options.hint == "throughput" ? machine.cores : target.threads;
}

int ChooseStreams(const BenchOptions& options, const Target& target) {
  if (options.streams > 0) return options.streams;
  return options.hint == "throughput" ? target.threads : 1;
}

Expected<void> CheckStreams(const BenchOptions& options, const Prepared& prepared) {
  const Target& target = prepared.target;
  if (prepared.streams > target.threads) {
    return Fail(
        ErrorKind::kUsage,
        fmt::format("{} streams need as many threads, but the target has {}: add -nthreads {}",
                    prepared.streams, target.threads, prepared.streams));
  }
  if (target.host.empty() || (prepared.streams == 1 && options.scenarios.empty())) return {};
  return Fail(
      ErrorKind::kUsage,
      "streams and scenarios run on this machine only: start nacre bench on " + target.host);
}

Expected<Prepared> Prepare(const BenchOptions& options) {
  Prepared prepared;
  Target& target = prepared.target;
  NACRE_TRY(target, Target::Parse(options.target));
  if (!options.device.empty() && options.device != "CPU") {
    return Fail(ErrorKind::kTarget, fmt::format("-d {}: only CPU is supported", options.device));
  }
  NACRE_TRY(const MachineInfo machine, InspectTarget(target));
  target.threads = ChooseThreads(options, target, machine);
  if (options.batch > 0) target.batch = options.batch;
  prepared.streams = ChooseStreams(options, target);
  NACRE_CHECK_OK(CheckStreams(options, prepared));
  NACRE_CHECK_OK(CheckServes(machine, target));
  for (const std::string& model : options.models) {
    NACRE_TRY(Network network, ReadOnnx(model));
    prepared.networks.push_back(std::move(network));
  }
  return prepared;
}

// The streams share the target's threads.
CompileOptions OptionsOfOneStream(const Prepared& prepared) {
  return {prepared.target.precision, prepared.target.threads / prepared.streams,
          prepared.target.batch};
}

std::string PrintRatio(const Ratio& ratio, size_t i) {
  if (i == 0) return "1";
  return ratio.differs()
             ? fmt::format("{:.2f}x ({:.2f}-{:.2f})", ratio.median, ratio.low, ratio.high)
             : "no difference";
}

json RatioJson(const Ratio& ratio) {
  return {{"speedup_over_first", ratio.median},
          {"speedup_ci", {ratio.low, ratio.high}},
          {"differs", ratio.differs()}};
}

Expected<json> MeasureLatencies(const BenchOptions& options, const Prepared& prepared, bool print) {
  std::vector<MeasureJob> jobs;
  for (const Network& network : prepared.networks)
    jobs.push_back({network, OptionsOfOneStream(prepared)});
  MeasureOptions measure{
      .rounds = 31, .slice = Seconds(options.seconds / 31), .threads = prepared.target.threads};
  const auto results = MeasureInChild(jobs, measure, LimitsFor(prepared.target));
  json rows = json::array();
  if (print) {
    fmt::print("{:>12} {:>23} {:>12} {:>12} {:>22}  model\n", "median ms", "95 % interval",
               "p90 ms", "images/s", "first / this");
  }
  for (size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) return tl::unexpected<Error>(results[i].error());
    const Measurement& m = results[i]->measurement;
    const double rate = 1e6 * static_cast<double>(prepared.target.batch) / m.median.count();
    json row = {{"model", options.models[i]},
                {"latency_ms", Milliseconds(m.median)},
                {"latency_ci_ms", {Milliseconds(m.low), Milliseconds(m.high)}},
                {"latency_p90_ms", Milliseconds(m.p90)},
                {"samples", m.samples},
                {"images_per_second", rate}};
    row.update(RatioJson(results[i]->over_first));
    rows.push_back(std::move(row));
    if (!print) continue;
    fmt::print("{:>12.4f} {:>23} {:>12.4f} {:>12.1f} {:>22}  {}\n", Milliseconds(m.median),
               fmt::format("{:.4f} - {:.4f}", Milliseconds(m.low), Milliseconds(m.high)),
               Milliseconds(m.p90), rate, PrintRatio(results[i]->over_first, i), options.models[i]);
  }
  return rows;
}

Expected<json> MeasureThroughputs(const BenchOptions& options, const Prepared& prepared,
                                  bool print) {
  std::vector<ThroughputJob> jobs;
  for (const Network& network : prepared.networks)
    jobs.push_back({network, OptionsOfOneStream(prepared), prepared.streams});
  const auto compiler = MakeOpenVinoCompiler();
  NACRE_TRY(
      const auto results,
      MeasureThroughput(*compiler, jobs, {.rounds = 15, .slice = Seconds(options.seconds / 15)}));
  json rows = json::array();
  if (print)
    fmt::print("{:>12} {:>23} {:>22}  model, {} streams\n", "images/s", "95 % interval",
               "this / first", prepared.streams);
  for (size_t i = 0; i < results.size(); ++i) {
    const Throughput& own = results[i];
    json row = {{"model", options.models[i]},
                {"streams", prepared.streams},
                {"images_per_second", own.median},
                {"images_per_second_ci", {own.low, own.high}}};
    row.update(RatioJson(own.over_first));
    rows.push_back(std::move(row));
    if (!print) continue;
    fmt::print("{:>12.1f} {:>23} {:>22}  {}\n", own.median,
               fmt::format("{:.1f} - {:.1f}", own.low, own.high), PrintRatio(own.over_first, i),
               options.models[i]);
  }
  return rows;
}

Expected<json> RunOne(const BenchOptions& options, const Prepared& prepared, size_t model,
                      Scenario scenario) {
  const std::string stem = std::filesystem::path(options.models[model]).stem().string();
  const ScenarioOptions run{.scenario = scenario,
                            .compile = OptionsOfOneStream(prepared),
                            .streams = prepared.streams,
                            .duration = Seconds(options.seconds_given ? options.seconds : 60),
                            .server_bound = Latency(1000 * options.server_bound),
                            .server_rate = options.server_rate,
                            .logs = options.logs + "/" + stem + "/" + ScenarioName(scenario)};
  const auto compiler = MakeOpenVinoCompiler();
  NACRE_TRY(const ScenarioResult result, RunScenario(*compiler, prepared.networks[model], run));
  json row = {{"model", options.models[model]},  {"scenario", ScenarioName(scenario)},
              {"metric", result.metric},         {"value", result.value},
              {"valid", result.valid},           {"mlperf_length", result.mlperf_length},
              {"seconds", run.duration.count()}, {"logs", run.logs}};
  if (scenario == Scenario::kServer) {
    row["queries_per_second"] = result.rate;
    row["bound_ms"] = options.server_bound;
  }
  return row;
}

Expected<std::vector<Scenario>> ParseScenarios(const std::vector<std::string>& names) {
  std::vector<Scenario> scenarios;
  for (const std::string& name : names) {
    NACRE_TRY(const Scenario scenario, ParseScenario(name));
    scenarios.push_back(scenario);
  }
  return scenarios;
}

void PrintScenario(const json& row) {
  fmt::print("{:<13} {:>14.1f}  {:<30} {:<8} {}\n", row["scenario"].get<std::string>(),
             row["value"].get<double>(), row["metric"].get<std::string>(),
             row["valid"].get<bool>() ? "VALID" : "INVALID", row["model"].get<std::string>());
}

Expected<json> RunScenarios(const BenchOptions& options, const Prepared& prepared, bool print) {
  NACRE_TRY(const auto scenarios, ParseScenarios(options.scenarios));
  json rows = json::array();
  if (print)
    fmt::print("{:<13} {:>14}  {:<30} {:<8} model\n", "scenario", "result", "metric", "verdict");
  for (const Scenario scenario : scenarios) {
    for (size_t i = 0; i < options.models.size(); ++i) {
      NACRE_TRY(json row, RunOne(options, prepared, i, scenario));
      if (print) PrintScenario(row);
      rows.push_back(std::move(row));
    }
  }
  if (print && !rows.empty() && !rows[0]["mlperf_length"].get<bool>()) {
    fmt::print(
        "These runs are shorter than the 600 s that MLPerf demands, so they are not valid MLPerf "
        "results. The logs are in {}.\n",
        options.logs);
  }
  return rows;
}

Expected<void> Bench(const BenchOptions& options, bool as_json) {
  NACRE_TRY(const Prepared prepared, Prepare(options));
  auto measure = MeasureLatencies;
  if (prepared.streams > 1) measure = MeasureThroughputs;
  if (!options.scenarios.empty()) measure = RunScenarios;
  NACRE_TRY(const json rows, measure(options, prepared, !as_json));
  if (as_json) fmt::print("{}\n", rows.dump(2));
  return {};
}

}  // namespace

void AddBench(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand(
      "bench",
      "measure latency or throughput of one or more models, interleaved, or run MLPerf scenarios");
  auto options = std::make_shared<BenchOptions>();
  command->add_option("MODEL,-m", options->models, "ONNX files; the first is the baseline")
      ->required();
  command->add_option("--target", options->target, "cpu:int8,threads=1,batch=1")
      ->capture_default_str();
  CLI::Option* seconds =
      command
          ->add_option("-t,--seconds", options->seconds,
                       "seconds for each model; with --scenario 60 for each scenario and model")
          ->capture_default_str()
          ->check(CLI::Range(0.1, 36000.0));
  command->add_option("-d", options->device, "device; only CPU is supported");
  command
      ->add_option("--hint", options->hint,
                   "latency: one stream; throughput: one stream for each core (-hint)")
      ->check(CLI::IsMember({"latency", "throughput", "none"}));
  command->add_option("--nstreams", options->streams, "streams that run in parallel (-nstreams)")
      ->check(CLI::Range(1, 1024));
  command->add_option("--nthreads", options->threads, "threads of all streams (-nthreads)")
      ->check(CLI::Range(1, 1024));
  command->add_option("-b", options->batch, "images per inference")->check(CLI::Range(1, 65536));
  command
      ->add_option("--scenario", options->scenarios,
                   "SingleStream, MultiStream, Server or Offline; separate several by commas")
      ->delimiter(',');
  command->add_option("--logs", options->logs, "folder for LoadGen's logs: LOGS/<model>/<scenario>")
      ->capture_default_str();
  command
      ->add_option("--server-bound", options->server_bound,
                   "milliseconds within which 99 % of the queries must be answered (Server)")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--server-rate", options->server_rate,
                   "queries per second; default: 70 % of the throughput (Server)")
      ->check(CLI::PositiveNumber);
  command->callback([&line, options, seconds] {
    options->seconds_given = seconds->count() > 0;
    line.chosen = [&line, options] { return Bench(*options, line.json); };
  });
}

}  // namespace nacre
