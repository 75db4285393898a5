#include "pipeline/stored_supernet.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/read_file.h"
#include "graph/simplify.h"
#include "onnx/onnx.h"
#include "store/write_file.h"
#include "train/super_network.h"

namespace nacre {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr char kFolder[] = "supernet";
constexpr char kElasticity[] = "elasticity.json";

// Channels of each group, those that stay longest first.
std::vector<int64_t> OrderOf(const std::vector<double>& importance) {
  std::vector<int64_t> order(importance.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return importance[static_cast<size_t>(a)] > importance[static_cast<size_t>(b)];
  });
  return order;
}

Json DimensionsJson(const Elasticity& elasticity) {
  Json dimensions = Json::array();
  size_t width = 0;
  for (const ElasticDimension& each : elasticity.dimensions) {
    Json json{{"kind", Name(each.kind)}, {"name", each.name}, {"values", each.values}};
    if (each.kind == ElasticDimension::Kind::kWidth)
      json["order"] = OrderOf(elasticity.importance[width++]);
    dimensions.push_back(std::move(json));
  }
  return dimensions;
}

std::string ElasticityJson(const Ingested& in, const Supernet& supernet) {
  const ElasticOptions& options = supernet.job.elastic;
  return Json{{"schema", 1},
              {"original", in.original_hash},
              {"supernet", supernet.job.supernet},
              {"ranking", supernet.job.ranking},
              {"options",
               {{"multiple", options.multiple},
                {"least", options.least},
                {"widths", options.widths},
                {"kernel", options.kernel}}},
              {"dimensions", DimensionsJson(*supernet.elasticity)}}
             .dump(1) +
         "\n";
}

// What elasticity.json says of the super-network, but for its dimensions.
struct Description {
  std::string original;
  ArtifactHash supernet, ranking;
  ElasticOptions options;
};

Expected<Description> Parse(const std::string& text, const std::string& name) {
  try {
    const Json json = Json::parse(text);
    const Json& options = json.at("options");
    return Description{.original = json.at("original"),
                       .supernet = json.at("supernet"),
                       .ranking = json.at("ranking"),
                       .options = {.multiple = options.at("multiple"),
                                   .least = options.at("least"),
                                   .widths = options.at("widths"),
                                   .kernel = options.at("kernel")}};
  } catch (const Json::exception& error) {
    return Fail(ErrorKind::kUsage, fmt::format("{} is damaged: {}", name, error.what()));
  }
}

bool IsHash(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Expected<void> CopyArtifact(const fs::path& from, const ArtifactHash& hash, Run& store) {
  const fs::path path = from / "artifacts" / hash;
  const auto bytes = ReadWholeFile(path);
  if (!IsHash(hash) || !bytes) {
    return Fail(ErrorKind::kUsage, fmt::format("{}: a part of the super-network is missing; "
                                               "train it again, in a new run",
                                               path.string()));
  }
  NACRE_TRY(const ArtifactHash copy, store.PutArtifact(*bytes));
  if (copy == hash) return {};
  return Fail(ErrorKind::kUsage, fmt::format("{} is damaged; train the super-network again, in a "
                                             "new run",
                                             path.string()));
}

// The text of elasticity.json, decided once.
Expected<std::string> DescriptionOf(RunServices& run, const fs::path& folder) {
  constexpr char kName[] = "adopted-supernet";
  NACRE_TRY(const auto decided, run.jobs.Decided(kName));
  if (decided) return *decided;
  NACRE_CHECK_OK(CheckHasSupernet(folder));
  const fs::path file = folder / kFolder / kElasticity;
  const auto text = ReadWholeFile(file);
  if (!text) return Fail(ErrorKind::kUsage, file.string() + " " + text.error().message);
  NACRE_TRY(const Description description, Parse(*text, file.string()));
  NACRE_CHECK_OK(CopyArtifact(folder, description.supernet, run.store));
  NACRE_CHECK_OK(CopyArtifact(folder, description.ranking, run.store));
  NACRE_CHECK_OK(run.jobs.Decide(kName, *text));
  return *text;
}

}  // namespace

Expected<void> CheckHasSupernet(const fs::path& folder) {
  if (fs::exists(folder / kFolder / kElasticity)) return {};
  return Fail(ErrorKind::kUsage,
              fmt::format("{} holds no super-network: it has to be a run of --method bootstrap "
                          "whose super-network is trained",
                          folder.string()));
}

Expected<void> WriteSupernet(RunServices& run, const Ingested& in, const Supernet& supernet) {
  const fs::path folder = run.store.folder() / kFolder;
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) {
    return Fail(ErrorKind::kInternal,
                fmt::format("cannot create {}: {}", folder.string(), failed.message()));
  }
  SubnetJob job = supernet.job;
  job.genes.assign(supernet.elasticity->dimensions.size(), 0);
  NACRE_TRY(const Network largest, MakeSubnet(job, run.materials));
  NACRE_TRY(const auto shared, run.materials.GetNetwork(supernet.job.supernet));
  NACRE_CHECK_OK(WriteFileAtomically(folder / "largest.onnx",
                                     SerializeOnnx(DropIn(in, FoldBatchNorm(largest)))));
  NACRE_CHECK_OK(WriteFileAtomically(folder / "weights.safetensors", WeightsFile(*shared)));
  return WriteFileAtomically(folder / kElasticity, ElasticityJson(in, supernet));
}

Expected<void> AdoptSupernet(RunServices& run, const Ingested& in, const fs::path& folder,
                             Supernet& supernet) {
  NACRE_TRY(const std::string text, DescriptionOf(run, folder));
  NACRE_TRY(const Description description, Parse(text, (folder / kFolder / kElasticity).string()));
  if (description.original != in.original_hash) {
    return Fail(ErrorKind::kModel,
                fmt::format("the super-network of {} is of another network than {}",
                            folder.string(), run.config.model.string()));
  }
  supernet.job.supernet = description.supernet;
  supernet.job.ranking = description.ranking;
  supernet.job.elastic = description.options;
  NACRE_TRY(supernet.elasticity,
            ElasticityOf(description.ranking, description.options, run.materials));
  Info("super-network: that of " + folder.string());
  return {};
}

}  // namespace nacre
