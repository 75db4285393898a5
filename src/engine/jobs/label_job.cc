#include "engine/jobs/label_job.h"

#include <nlohmann/json.hpp>

#include "target/evaluate.h"
#include "task/accuracy.h"

namespace nacre {

using Json = nlohmann::json;

JobSpec LabelSpec(const ArtifactHash& network, const std::string& images) {
  return {.kind = "label",
          .parameters = Json{{"images", images}}.dump(),
          .inputs = {network},
          .label = "answers of the original"};
}

std::vector<int> ReadLabels(const JobResult& result) { return Json::parse(result.value)["labels"]; }

Expected<JobResult> RunLabel(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const auto images, place.materials.Images(parameters["images"]));
  NACRE_TRY(const auto network, place.materials.GetNetwork(job.inputs.at(0)));
  const EvaluateOptions options{.progress = [&place](double fraction) {
    place.hooks.Report(fraction, "answers of the original");
  }};
  NACRE_TRY(const Tensor logits,
            PredictCompiled(place.compiler, *network,
                            {Precision::kFp32, place.compute.threads, kDynamic}, *images, options));
  return JobResult{.value = Json{{"labels", Classes(logits)}}.dump()};
}

}  // namespace nacre
