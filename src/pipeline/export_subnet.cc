#include "pipeline/export_subnet.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "graph/simplify.h"
#include "pipeline/baselines.h"
#include "pipeline/ingest.h"
#include "pipeline/int8_of_run.h"
#include "pipeline/stored_supernet.h"
#include "pipeline/write_models.h"
#include "store/write_file.h"

namespace nacre {
namespace {

Expected<void> CheckGenes(const Elasticity& elasticity, const std::vector<int>& genes) {
  const auto& dimensions = elasticity.dimensions;
  if (genes.size() != dimensions.size()) {
    return Fail(ErrorKind::kUsage,
                fmt::format("--genes has {} numbers, the super-network {} dimensions; subnets.json "
                            "lists them",
                            genes.size(), dimensions.size()));
  }
  for (size_t d = 0; d < genes.size(); ++d) {
    const auto values = static_cast<int>(dimensions[d].values.size());
    if (genes[d] >= 0 && genes[d] < values) continue;
    return Fail(
        ErrorKind::kUsage,
        fmt::format("--genes: number {} is {}, but the {} of {} has the values 0 to {}", d + 1,
                    genes[d], Name(dimensions[d].kind), dimensions[d].name, values - 1));
  }
  return {};
}

Expected<Int8Figures> Quantize(RunServices& run, const Ingested& in, const Network& subnet,
                               double accuracy, ArtifactHash& folded) {
  NACRE_TRY(folded, run.materials.PutNetwork(FoldBatchNorm(subnet)));
  Int8Job job = Int8JobOf(run, in, folded, "sub-network");
  job.reference = accuracy;
  job.limit = Seconds(1e-3);  // no training
  NACRE_TRY(const JobResult done, run.jobs.Do(Int8Spec(job)));
  return ReadInt8(done);
}

std::string MetricsJson(const std::vector<int>& genes, const SubnetFigures& figures,
                        const ExportedSubnet& exported) {
  return nlohmann::json{{"genes", genes},
                        {"fp32", {{"accuracy_select", exported.accuracy}}},
                        {"int8", {{"accuracy_select", exported.int8_accuracy}}},
                        {"speedup_over_int8", exported.over_int8},
                        {"macs", figures.macs},
                        {"parameters", figures.parameters}}
             .dump(2) +
         "\n";
}

}  // namespace

Expected<std::vector<int>> ParseGenes(const std::string& text) {
  std::vector<int> genes;
  const char *at = text.data(), *end = text.data() + text.size();
  while (true) {
    int gene = 0;
    const auto [next, error] = std::from_chars(at, end, gene);
    if (error != std::errc() || (next != end && *next != ',')) {
      return Fail(ErrorKind::kUsage,
                  fmt::format("--genes '{}': give whole numbers with commas between them, as in "
                              "subnets.json",
                              text));
    }
    genes.push_back(gene);
    if (next == end) return genes;
    at = next + 1;
  }
}

Expected<ExportedSubnet> ExportSubnet(RunServices& run, const std::vector<int>& genes,
                                      const std::filesystem::path& folder) {
  NACRE_TRY(const Ingested in, Ingest(run));
  NACRE_TRY(const Baselines baselines, MeasureBaselines(run, in));
  NACRE_TRY(Supernet supernet, PrepareSupernet(run, in, baselines, 0));
  NACRE_CHECK_OK(AdoptSupernet(run, in, run.store.folder(), supernet));
  NACRE_CHECK_OK(CheckGenes(*supernet.elasticity, genes));
  SubnetJob job = supernet.job;
  job.genes = genes;
  NACRE_TRY(const JobResult measured, run.jobs.Do(SubnetSpec(job)));
  const SubnetFigures figures = ReadSubnet(measured);
  NACRE_TRY(const Network subnet, MakeSubnet(job, run.materials));
  ArtifactHash folded;
  NACRE_TRY(const Int8Figures int8, Quantize(run, in, subnet, figures.accuracy, folded));
  const ExportedSubnet exported{figures.accuracy, int8.accuracy, figures.over_first};
  const std::map<std::string, std::string> metadata = {
      {"nacre.version", run.version},
      {"nacre.genes", fmt::format("{}", fmt::join(genes, ","))},
      {"nacre.original", run.config.model.filename().string()}};
  NACRE_CHECK_OK(WriteModelFiles(run, in, {folder, folded, int8.network, metadata, metadata}));
  NACRE_CHECK_OK(
      WriteFileAtomically(folder / "metrics.json", MetricsJson(genes, figures, exported)));
  return exported;
}

}  // namespace nacre
