#include "engine/jobs/supernet_job.h"

#include <nlohmann/json.hpp>

#include "engine/jobs/answers_json.h"
#include "engine/jobs/elastic_text.h"
#include "engine/jobs/training_options.h"
#include "forecast/priors.h"
#include "train/super_network.h"

namespace nacre {
namespace {

using namespace engine_internal;
using Json = nlohmann::json;

Expected<SuperNetworkOptions> OptionsFor(const JobSpec& job, const Json& parameters,
                                         const ImageSet& images, const Workplace& place) {
  SuperNetworkOptions options{
      .train = TrainingOptions(job, job.label, priors::kFinalRate, images, place),
      .most = parameters["most"],
      .until = parameters["until"]};
  options.train.compute.bf16 = false;
  options.train.stop_after = parameters["end"];
  if (!job.recorded.empty())
    options.train.pace = Json::parse(job.recorded).value("pace", std::vector<double>());
  if (job.inputs.size() > 4) {
    NACRE_TRY(options.train.resume_state, place.materials.Get(job.inputs[4]));
  }
  return options;
}

}  // namespace

JobSpec SupernetSpec(const SupernetJob& job) {
  JobSpec spec{.kind = "supernet", .limit = job.limit, .label = "super-network"};
  spec.parameters = Json{{"train", job.train},   {"answers", AnswersText(job.answers)},
                         {"epochs", job.epochs}, {"elastic", ElasticText(job.elastic)},
                         {"most", job.most},     {"until", job.until},
                         {"end", job.end},       {"seed", job.seed}}
                        .dump();
  spec.inputs = {job.ranking, job.network, job.answers.logits, job.answers.features};
  if (!job.state.empty()) spec.inputs.push_back(job.state);
  return spec;
}

SupernetSegment ReadSupernet(const JobResult& result) {
  const Json json = Json::parse(result.value);
  return {.network = result.artifacts.at(0),
          .state = result.artifacts.at(1),
          .fraction = json["fraction"],
          .steps = json["steps"],
          .loss = json["loss"],
          .images_per_second = json["images_per_second"]};
}

Expected<std::shared_ptr<const Elasticity>> ElasticityOf(const ArtifactHash& network,
                                                         const ElasticOptions& options,
                                                         Materials& materials) {
  const std::string key = "elasticity " + network + ElasticText(options);
  return materials.Cached<Elasticity>(key, [&]() -> Expected<Elasticity> {
    NACRE_TRY(const auto found, materials.GetNetwork(network));
    return FindElasticity(*found, options);
  });
}

Expected<JobResult> RunSupernet(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const auto images, place.materials.Images(parameters["train"]));
  NACRE_TRY(const auto elasticity,
            ElasticityOf(job.inputs.at(0), ElasticFrom(parameters["elastic"]), place.materials));
  NACRE_TRY(const auto network, place.materials.GetNetwork(job.inputs.at(1)));
  NACRE_TRY(const auto answers,
            LoadAnswers(place.materials,
                        AnswersFrom(parameters["answers"], job.inputs.at(2), job.inputs.at(3))));
  NACRE_TRY(const SuperNetworkOptions options, OptionsFor(job, parameters, *images, place));
  NACRE_TRY(const TrainResult result,
            TrainSuperNetwork(*network, *elasticity, *images, answers.get(), options));
  Json value{{"loss", result.loss},
             {"images_per_second", result.images_per_second},
             {"steps", result.steps},
             {"fraction", result.fraction}};
  if (!result.pace.empty()) value["pace"] = result.pace;
  NACRE_TRY(const ArtifactHash trained, place.materials.PutNetwork(result.network));
  NACRE_TRY(const ArtifactHash state, place.materials.Put(result.state));
  return JobResult{.value = value.dump(), .artifacts = {trained, state}};
}

}  // namespace nacre
