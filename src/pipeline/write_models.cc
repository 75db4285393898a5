#include "pipeline/write_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "graph/simplify.h"
#include "onnx/onnx.h"
#include "store/write_file.h"

namespace nacre {
namespace {

using Json = nlohmann::json;

// Where a drop-in comes from, so that a deployed file says what it is.
std::map<std::string, std::string> MetadataOf(const RunServices& run, const Ingested& in,
                                              const FrontEntry& entry, Precision precision) {
  const bool int8 = precision == Precision::kInt8;
  const ModelFigures& figures = int8 ? entry.int8 : entry.fp32;
  return {{"nacre.version", run.version},
          {"nacre.id", entry.id},
          {"nacre.architecture", entry.architecture},
          {"nacre.target", run.config.target.ToString()},
          {"nacre.precision", int8 ? "int8" : "fp32"},
          {"nacre.accuracy", fmt::format("{:.4f}", figures.accuracy.value)},
          {"nacre.original", run.config.model.filename().string()},
          {"nacre.original_hash", StructuralHash(in.original, true)}};
}

Json FiguresJson(const ModelFigures& figures) {
  return {{"accuracy", figures.accuracy.value},
          {"accuracy_ci", {figures.accuracy.low, figures.accuracy.high}},
          {"images", figures.accuracy.images},
          {"latency_ms", figures.latency.median_ms},
          {"latency_ci_ms", {figures.latency.low_ms, figures.latency.high_ms}},
          {"latency_p90_ms", figures.latency.p90_ms},
          {"size_bytes", figures.size_bytes},
          {"memory_bytes", figures.memory_bytes},
          {"macs", figures.macs},
          {"parameters", figures.parameters}};
}

Json MetricsJson(const FrontEntry& entry) {
  return {{"id", entry.id},
          {"architecture", entry.architecture},
          {"meets_limit", entry.meets_limit},
          {"int8", FiguresJson(entry.int8)},
          {"fp32", FiguresJson(entry.fp32)},
          {"speedup_over_int8", entry.speedup_over_int8.median},
          {"speedup_over_fp32", entry.speedup_over_fp32.median}};
}

Expected<void> CreateFolder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (!failed) return {};
  return Fail(ErrorKind::kInternal,
              fmt::format("cannot create {}: {}", folder.string(), failed.message()));
}

Expected<void> WriteModel(RunServices& run, const Ingested& in, const QuantizedFinalist& finalist,
                          const FrontEntry& entry) {
  const std::filesystem::path folder = run.store.folder() / entry.path;
  NACRE_CHECK_OK(WriteModelFiles(run, in,
                                 {folder, finalist.finalist.network, finalist.int8,
                                  MetadataOf(run, in, entry, Precision::kFp32),
                                  MetadataOf(run, in, entry, Precision::kInt8)}));
  return WriteFileAtomically(folder / "metrics.json", MetricsJson(entry).dump(2) + "\n");
}

}  // namespace

Expected<void> WriteModelFiles(RunServices& run, const Ingested& in, const ModelFiles& files) {
  NACRE_CHECK_OK(CreateFolder(files.folder));
  NACRE_TRY(const auto trained, run.materials.GetNetwork(files.fp32));
  NACRE_TRY(const auto quantized, run.materials.GetNetwork(files.int8));
  Network fp32 = DropIn(in, *trained), int8 = DropIn(in, *quantized);
  for (const auto& [key, value] : files.fp32_metadata) fp32.metadata[key] = value;
  for (const auto& [key, value] : files.int8_metadata) int8.metadata[key] = value;
  NACRE_CHECK_OK(WriteFileAtomically(files.folder / "model.onnx", SerializeOnnx(fp32)));
  NACRE_CHECK_OK(WriteFileAtomically(files.folder / "model.int8.onnx", SerializeOnnx(int8)));
  const bool int8_target = run.config.target.precision == Precision::kInt8;
  return run.compiler.Export(int8_target ? int8 : fp32, (files.folder / "model").string());
}

Expected<void> WriteModels(RunServices& run, const Ingested& in,
                           const std::vector<QuantizedFinalist>& finalists, Report& report) {
  for (size_t rank = 0; rank < report.front.size(); ++rank) {
    FrontEntry& entry = report.front[rank];
    entry.path = fmt::format("models/{}-{}", rank + 1, entry.id);
    const auto finalist =
        std::find_if(finalists.begin(), finalists.end(),
                     [&](const QuantizedFinalist& each) { return each.finalist.id == entry.id; });
    if (finalist == finalists.end()) {
      return Fail(ErrorKind::kInternal, "the report names a finalist that is not there");
    }
    NACRE_CHECK_OK(WriteModel(run, in, *finalist, entry));
  }
  return {};
}

}  // namespace nacre
