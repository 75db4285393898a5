#include "engine/jobs/accuracy_job.h"

#include <nlohmann/json.hpp>

#include "target/evaluate.h"
#include "task/accuracy.h"
#include "train/predict.h"

namespace nacre {
namespace {

using Json = nlohmann::json;

Json JsonOf(const Accuracy& top1) {
  return {{"value", top1.value}, {"low", top1.low}, {"high", top1.high}, {"images", top1.images}};
}

// One character an image: '1' where the answer is right.
std::string RightText(const std::vector<bool>& right) {
  std::string text;
  for (const bool each : right) text += each ? '1' : '0';
  return text;
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
          .version = 2,
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

std::vector<bool> ReadRight(const JobResult& result) {
  const std::string text = Json::parse(result.value)["right"];
  std::vector<bool> right;
  for (const char each : text) right.push_back(each == '1');
  return right;
}

Expected<JobResult> RunReproduce(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const auto images, place.materials.Images(parameters["images"]));
  NACRE_TRY(const auto network, place.materials.GetNetwork(job.inputs.at(0)));
  NACRE_TRY(const Tensor logits, Predict(*network, *images));
  return JobResult{.value = JsonOf(place.metric->Measure(logits, images->labels)).dump()};
}

Expected<JobResult> RunAccept(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const auto images, place.materials.Images(parameters["images"]));
  NACRE_TRY(const auto network, place.materials.GetNetwork(job.inputs.at(0)));
  const Precision precision = parameters["int8"] ? Precision::kInt8 : Precision::kFp32;
  NACRE_TRY(const Tensor logits,
            PredictCompiled(place.compiler, *network, {precision, place.compute.threads, kDynamic},
                            *images));
  Json json = JsonOf(place.metric->Measure(logits, images->labels));
  json["right"] = RightText(place.metric->Right(logits, images->labels));
  return JobResult{.value = json.dump()};
}

}  // namespace nacre
