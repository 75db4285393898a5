#include "pipeline/outputs.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "graph/shapes.h"
#include "onnx/onnx.h"
#include "store/write_file.h"

namespace nacre {
namespace {

constexpr double kBaselineEpochs = 200;

// Where the original stood in the drop-in's metadata, so that a deployed file tells what it is.
void Describe(Network& network, const FrontEntry& entry, const Context& context, bool int8) {
  const ModelFigures& figures = int8 ? entry.int8 : entry.fp32;
  network.metadata["nacre.version"] = context.version;
  network.metadata["nacre.id"] = entry.id;
  network.metadata["nacre.architecture"] = entry.architecture;
  network.metadata["nacre.target"] = context.config.target.ToString();
  network.metadata["nacre.precision"] = int8 ? "int8" : "fp32";
  network.metadata["nacre.accuracy"] = fmt::format("{:.4f}", figures.accuracy.value);
  network.metadata["nacre.original"] = context.config.model.filename().string();
  network.metadata["nacre.original_hash"] = StructuralHash(context.original, true);
}

nlohmann::json Metrics(const FrontEntry& entry) {
  const auto figures = [](const ModelFigures& f) {
    return nlohmann::json{{"accuracy", f.accuracy.value},
                          {"accuracy_ci", {f.accuracy.low, f.accuracy.high}},
                          {"images", f.accuracy.images},
                          {"latency_ms", f.latency.median_ms},
                          {"latency_ci_ms", {f.latency.low_ms, f.latency.high_ms}},
                          {"latency_p90_ms", f.latency.p90_ms},
                          {"size_bytes", f.size_bytes},
                          {"memory_bytes", f.memory_bytes},
                          {"macs", f.macs},
                          {"parameters", f.parameters}};
  };
  return {{"id", entry.id},
          {"architecture", entry.architecture},
          {"meets_limit", entry.meets_limit},
          {"int8", figures(entry.int8)},
          {"fp32", figures(entry.fp32)},
          {"speedup_over_int8", entry.speedup_over_int8.median},
          {"speedup_over_fp32", entry.speedup_over_fp32.median}};
}

Expected<void> WriteModels(Context& context, size_t rank, FrontEntry& entry) {
  const auto finalist = std::find_if(context.finalists.begin(), context.finalists.end(),
                                     [&](const Finalist& f) { return f.id == entry.id; });
  entry.path = fmt::format("models/{}-{}", rank + 1, entry.id);
  const std::filesystem::path folder = context.run->folder() / entry.path;
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    return Fail(ErrorKind::kInternal,
                fmt::format("cannot create {}: {}", folder.string(), failed.message()));
  }
  Network fp32 = finalist->network, int8 = finalist->int8;
  Describe(fp32, entry, context, false);
  Describe(int8, entry, context, true);
  NACRE_CHECK_OK(WriteFileAtomically(folder / "model.onnx", SerializeOnnx(fp32)));
  NACRE_CHECK_OK(WriteFileAtomically(folder / "model.int8.onnx", SerializeOnnx(int8)));
  const bool int8_target = context.config.target.precision == Precision::kInt8;
  NACRE_CHECK_OK(context.compiler->Export(int8_target ? int8 : fp32, (folder / "model").string()));
  return WriteFileAtomically(folder / "metrics.json", Metrics(entry).dump(2) + "\n");
}

double BaselineTrainingSeconds(const Context& context) {
  const auto cost = CostOf(context.teacher);
  if (!cost || context.macs_per_second <= 0) return 0;
  return kBaselineEpochs * context.train.count() * cost->macs / context.macs_per_second;
}

// Of this sitting: the largest resident set.
double PeakMebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

Expected<void> FillCost(Context& context) {
  const std::pair<const char*, const char*> kinds[] = {
      {"table", "latency table"},
      {"distill", "blockwise distillation"},
      {"score", "scores"},
      {"teacher", "teacher outputs"},
      {"train", "training of candidates and finalists"},
      {"recalibrate", "recalibration"},
      {"measure", "latency of candidates"},
      {"quantize", "quantization"},
      {"accept", "acceptance"}};
  context.report.cost.clear();
  for (const auto& [kind, name] : kinds) {
    NACRE_TRY(const auto jobs, context.run->JobsOfKind(kind));
    StageCost cost{name, 0};
    for (const Job& job : jobs) cost.seconds += job.seconds;
    context.report.cost.push_back(cost);
  }
  return {};
}

}  // namespace

std::string EnvironmentJson(const MachineInfo& machine, const std::string& nacre) {
  return nlohmann::json{{"nacre", nacre},
                        {"cpu", machine.cpu},
                        {"os", machine.os},
                        {"compiler", machine.compiler},
                        {"instructions", machine.instructions},
                        {"cores", machine.cores},
                        {"memory_bytes", machine.memory.count},
                        {"governor", machine.governor},
                        {"load", machine.load}}
             .dump(2) +
         "\n";
}

std::vector<BlockRow> BlockRows(const Context& context, const Finalist& finalist) {
  std::vector<double> keep(context.space.blocks.size(), 0);
  for (size_t i = 0; i < context.space.candidates.size(); ++i) {
    const Candidate& candidate = context.space.candidates[i];
    if (candidate.kind == "keep") keep[candidate.first] = context.usages[i].latency;
  }
  std::vector<BlockRow> rows;
  for (int pick : finalist.architecture.picks) {
    const Candidate& candidate = context.space.candidates[pick];
    BlockRow row;
    row.blocks = context.space.blocks[candidate.first].name;
    if (candidate.last != candidate.first) {
      row.blocks += "-" + context.space.blocks[candidate.last].name;
    }
    row.after = candidate.id;
    for (int b = candidate.first; b <= candidate.last; ++b) {
      const Block& block = context.space.blocks[b];
      row.before +=
          (row.before.empty() ? "" : ", ") + block.kind + " " + ToString(block.output_shape);
      row.before_us += keep[b];
    }
    row.after_us = std::max(0.0, context.usages[pick].latency);
    rows.push_back(std::move(row));
  }
  return rows;
}

Expected<void> WriteOutputs(Context& context) {
  Report& report = context.report;
  for (size_t rank = 0; rank < report.front.size(); ++rank) {
    NACRE_CHECK_OK(WriteModels(context, rank, report.front[rank]));
  }
  report.title = context.config.model.filename().string();
  report.command = context.command;
  report.config_toml = PrintConfig(context.config);
  report.environment_json = EnvironmentJson(context.machine, context.version);
  report.baseline_training_seconds = BaselineTrainingSeconds(context);
  NACRE_CHECK_OK(FillCost(context));
  report.notes.push_back(fmt::format("peak memory of this sitting {:.0f} MiB", PeakMebibytes()));
  report.trials.clear();
  for (const Tried& tried : context.tried) {
    report.trials.push_back({tried.trial.point.Key(), tried.usage.latency, tried.outcome.accuracy,
                             tried.trial.rung, tried.outcome.error});
  }
  const std::filesystem::path folder = context.run->folder();
  NACRE_CHECK_OK(WriteFileAtomically(folder / "front.json", FrontJson(report)));
  NACRE_CHECK_OK(WriteFileAtomically(folder / "front.csv", FrontCsv(report)));
  NACRE_CHECK_OK(WriteFileAtomically(folder / "report.json", ReportJson(report)));
  return WriteFileAtomically(folder / "report.html", ReportHtml(report));
}

}  // namespace nacre
