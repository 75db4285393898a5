#include "engine/jobs/trainable_job.h"

#include <nlohmann/json.hpp>

#include "train/trainable.h"

namespace nacre {

JobSpec TrainableSpec(const ArtifactHash& network, const std::string& images) {
  return {.kind = "trainable",
          .parameters = nlohmann::json{{"images", images}}.dump(),
          .inputs = {network},
          .label = "the original with batch normalization"};
}

Expected<JobResult> RunTrainable(const JobSpec& job, const Workplace& place) {
  const auto parameters = nlohmann::json::parse(job.parameters);
  NACRE_TRY(const auto images, place.materials.Images(parameters["images"]));
  NACRE_TRY(const auto network, place.materials.GetNetwork(job.inputs.at(0)));
  NACRE_TRY(const Network trainable, MakeTrainable(*network, *images));
  NACRE_TRY(const ArtifactHash hash, place.materials.PutNetwork(trainable));
  return JobResult{.value = "{}", .artifacts = {hash}};
}

}  // namespace nacre
