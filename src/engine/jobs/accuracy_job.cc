#include "engine/jobs/accuracy_job.h"

#include <nlohmann/json.hpp>

#include "target/evaluate.h"
#include "task/accuracy.h"
#include "train/predict.h"

namespace nacre {
namespace {

using Json = nlohmann::json;

JobResult ResultOf(const Accuracy& top1) {
  return {.value = Json{{"value", top1.value},
                        {"low", top1.low},
                        {"high", top1.high},
                        {"images", top1.images}}
                       .dump()};
}

}  // namespace

JobSpec ReproduceSpec(const ArtifactHash& network, const std::string& images) {
  return {.kind = "reproduce",
          .parameters = Json{{"images", images}}.dump(),
          .inputs = {network},
          .label = "accuracy of the original"};
}

JobSpec AcceptSpec(const ArtifactHash& network, const std::string& images, Precision precision,
                   const std::string& fingerprint) {
  return {.kind = "accept",
          .parameters = Json{{"images", images},
                             {"int8", precision == Precision::kInt8},
                             {"fingerprint", fingerprint}}
                            .dump(),
          .inputs = {network},
          .label = "accuracy on the test images"};
}

Accuracy ReadAccuracy(const JobResult& result) {
  const Json json = Json::parse(result.value);
  return {json["value"], json["low"], json["high"], json["images"]};
}

Expected<JobResult> RunReproduce(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const auto images, place.materials.Images(parameters["images"]));
  NACRE_TRY(const auto network, place.materials.GetNetwork(job.inputs.at(0)));
  NACRE_TRY(const Tensor logits, Predict(*network, *images));
  return ResultOf(TopOne(logits, images->labels));
}

Expected<JobResult> RunAccept(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const auto images, place.materials.Images(parameters["images"]));
  NACRE_TRY(const auto network, place.materials.GetNetwork(job.inputs.at(0)));
  const Precision precision = parameters["int8"] ? Precision::kInt8 : Precision::kFp32;
  NACRE_TRY(const Accuracy top1,
            EvaluateCompiled(place.compiler, *network, {precision, place.compute.threads, kDynamic},
                             *images));
  return ResultOf(top1);
}

}  // namespace nacre
