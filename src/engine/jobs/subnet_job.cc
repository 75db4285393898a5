#include "engine/jobs/subnet_job.h"

#include <nlohmann/json.hpp>

#include "data/image_folder.h"
#include "engine/jobs/elastic_text.h"
#include "engine/jobs/supernet_job.h"
#include "forecast/priors.h"
#include "graph/shapes.h"
#include "target/remote.h"
#include "train/predict.h"
#include "train/statistics.h"

namespace nacre {
namespace {

using engine_internal::ElasticFrom;
using engine_internal::ElasticText;
using Json = nlohmann::json;

SubnetJob SubnetFrom(const JobSpec& job, const Json& json) {
  return {.supernet = job.inputs.at(0),
          .ranking = job.inputs.at(1),
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

JobSpec SubnetSpec(const SubnetJob& job) {
  return {.kind = "subnet",
          .parameters = Json{{"genes", job.genes},
                             {"elastic", ElasticText(job.elastic)},
                             {"train", job.train},
                             {"validation", job.validation},
                             {"images", static_cast<int64_t>(priors::kRecalibrationImages)},
                             {"target", job.target.ToString()},
                             {"fingerprint", job.fingerprint},
                             {"seed", job.seed}}
                            .dump(),
          .inputs = {job.supernet, job.ranking, job.int8},
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

Expected<Network> MakeSubnet(const SubnetJob& job, Materials& materials) {
  NACRE_TRY(const auto elasticity, ElasticityOf(job.ranking, job.elastic, materials));
  NACRE_TRY(const auto supernet, materials.GetNetwork(job.supernet));
  NACRE_TRY(const auto images, materials.Images(job.train));
  NACRE_TRY(const Network subnet, ExtractSubnet(*supernet, *elasticity, job.genes));
  const auto count = static_cast<int64_t>(priors::kRecalibrationImages);
  return RecalibrateBatchNorm(subnet, Sample(*images, count, job.seed));
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
  const auto task = place.materials.task();
  NACRE_TRY(const Tensor answers, Predict(JoinAnswers(subnet, task->form()), *validation));
  NACRE_TRY(const Judged judged, task->Judge(answers, *validation));
  return JobResult{.value = Json{{"accuracy", judged.value},
                                 {"over_first", over_first},
                                 {"size", usage.size},
                                 {"memory", usage.memory},
                                 {"macs", cost.macs},
                                 {"parameters", cost.parameters}}
                                .dump()};
}

}  // namespace nacre
