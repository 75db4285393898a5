#include "engine/jobs/supernet_job.h"

#include <nlohmann/json.hpp>

#include "data/image_folder.h"
#include "engine/jobs/answers_json.h"
#include "engine/jobs/training_options.h"
#include "forecast/priors.h"
#include "graph/shapes.h"
#include "target/remote.h"
#include "train/predict.h"
#include "train/statistics.h"
#include "train/super_network.h"

namespace nacre {
namespace {

using engine_internal::AnswersFrom;
using engine_internal::AnswersText;
using engine_internal::TrainingOptions;
using Json = nlohmann::json;

Json ElasticJson(const ElasticOptions& options) {
  return {{"multiple", options.multiple}, {"least", options.least}, {"widths", options.widths}};
}

ElasticOptions ElasticFrom(const Json& json) {
  return {.multiple = json["multiple"], .least = json["least"], .widths = json["widths"]};
}

SubnetJob SubnetFrom(const JobSpec& job, const Json& json) {
  return {.supernet = job.inputs.at(0),
          .network = job.inputs.at(1),
          .int8 = job.inputs.at(2),
          .genes = json["genes"],
          .elastic = ElasticFrom(json["elastic"]),
          .train = json["train"],
          .validation = json["validation"],
          .fingerprint = json["fingerprint"],
          .seed = json["seed"]};
}

// How many times as fast as the quantized original, in one run.
Expected<double> OverOriginal(const Network& subnet, const ArtifactHash& int8, const Target& target,
                              Materials& materials) {
  constexpr Seconds kSlice{0.01};
  constexpr int kRounds = 11;
  NACRE_TRY(const auto original, materials.GetNetwork(int8));
  const CompileOptions compile{target.precision, target.threads, target.batch};
  const std::vector<MeasureJob> both = {{*original, compile},
                                        {AsDeployed(subnet, target), compile}};
  const auto measured =
      MeasureInChild(both, {.rounds = kRounds, .slice = kSlice}, LimitsFor(target));
  for (const auto& each : measured) {
    if (!each) return tl::unexpected<Error>(each.error());
  }
  return measured.at(1)->over_first.median;
}

}  // namespace

JobSpec SupernetSpec(const SupernetJob& job) {
  return {.kind = "supernet",
          .parameters = Json{{"train", job.train},
                             {"answers", AnswersText(job.answers)},
                             {"epochs", job.epochs},
                             {"elastic", ElasticJson(job.elastic)},
                             {"seed", job.seed}}
                            .dump(),
          .inputs = {job.network, job.answers.logits, job.answers.features},
          .limit = job.limit,
          .label = "super-network"};
}

TrainedSupernet ReadSupernet(const JobResult& result) {
  const Json json = Json::parse(result.value);
  return {result.artifacts.at(0), json["loss"], json["images_per_second"]};
}

JobSpec SubnetSpec(const SubnetJob& job) {
  return {.kind = "subnet",
          .parameters = Json{{"genes", job.genes},
                             {"elastic", ElasticJson(job.elastic)},
                             {"train", job.train},
                             {"validation", job.validation},
                             {"images", static_cast<int64_t>(priors::kRecalibrationImages)},
                             {"target", job.target.ToString()},
                             {"fingerprint", job.fingerprint},
                             {"seed", job.seed}}
                            .dump(),
          .inputs = {job.supernet, job.network, job.int8},
          .survives = true,
          .label = "a sub-network"};
}

SubnetFigures ReadSubnet(const JobResult& result) {
  const Json json = Json::parse(result.value);
  return {.accuracy = json["accuracy"],
          .over_first = json["over_first"],
          .usage = {.size = json["size"], .memory = json["memory"]},
          .macs = json["macs"],
          .parameters = json["parameters"]};
}

Expected<std::shared_ptr<const Elasticity>> ElasticityOf(const ArtifactHash& network,
                                                         const ElasticOptions& options,
                                                         Materials& materials) {
  const std::string key = "elasticity " + network + ElasticJson(options).dump();
  return materials.Cached<Elasticity>(key, [&]() -> Expected<Elasticity> {
    NACRE_TRY(const auto found, materials.GetNetwork(network));
    return FindElasticity(*found, options);
  });
}

Expected<Network> MakeSubnet(const SubnetJob& job, Materials& materials) {
  NACRE_TRY(const auto elasticity, ElasticityOf(job.network, job.elastic, materials));
  NACRE_TRY(const auto supernet, materials.GetNetwork(job.supernet));
  NACRE_TRY(const auto images, materials.Images(job.train));
  NACRE_TRY(const Network subnet, ExtractSubnet(*supernet, *elasticity, job.genes));
  const auto count = static_cast<int64_t>(priors::kRecalibrationImages);
  return RecalibrateBatchNorm(subnet, Sample(*images, count, job.seed));
}

Expected<JobResult> RunSupernet(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const auto images, place.materials.Images(parameters["train"]));
  NACRE_TRY(const auto network, place.materials.GetNetwork(job.inputs.at(0)));
  NACRE_TRY(const auto elasticity,
            ElasticityOf(job.inputs.at(0), ElasticFrom(parameters["elastic"]), place.materials));
  NACRE_TRY(const auto answers,
            LoadAnswers(place.materials,
                        AnswersFrom(parameters["answers"], job.inputs.at(1), job.inputs.at(2))));
  SuperNetworkOptions options{
      .train = TrainingOptions(job, job.label, priors::kFinalRate, *images, place)};
  options.train.compute.bf16 = false;
  NACRE_TRY(const TrainResult result,
            TrainSuperNetwork(*network, *elasticity, *images, answers.get(), options));
  NACRE_TRY(const ArtifactHash trained, place.materials.PutNetwork(result.network));
  return JobResult{
      .value = Json{{"loss", result.loss}, {"images_per_second", result.images_per_second}}.dump(),
      .artifacts = {trained}};
}

Expected<JobResult> RunSubnet(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  const SubnetJob wanted = SubnetFrom(job, parameters);
  NACRE_TRY(const Target target, Target::Parse(parameters["target"].get<std::string>()));
  NACRE_TRY(const Network subnet, MakeSubnet(wanted, place.materials));
  NACRE_TRY(const Cost cost, CostOf(subnet));
  NACRE_TRY(const Usage usage, UsageOf(subnet, target));
  NACRE_TRY(const double over_first, OverOriginal(subnet, wanted.int8, target, place.materials));
  NACRE_TRY(const auto validation, place.materials.Images(wanted.validation));
  NACRE_TRY(const Tensor logits, Predict(subnet, *validation));
  return JobResult{.value =
                       Json{{"accuracy", place.metric->Measure(logits, validation->labels).value},
                            {"over_first", over_first},
                            {"size", usage.size},
                            {"memory", usage.memory},
                            {"macs", cost.macs},
                            {"parameters", cost.parameters}}
                           .dump()};
}

}  // namespace nacre
