#include "engine/jobs/accuracy_job.h"

#include <nlohmann/json.hpp>

#include "target/evaluate.h"
#include "train/predict.h"

namespace nacre {
namespace {

using Json = nlohmann::json;

Json JsonOf(const Accuracy& accuracy) {
  return {{"value", accuracy.value},
          {"low", accuracy.low},
          {"high", accuracy.high},
          {"images", accuracy.images}};
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
          .version = 3,  // the record is an artifact
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
  const auto task = place.materials.task();
  NACRE_TRY(const Tensor answers, Predict(JoinAnswers(*network, task->form()), *images));
  NACRE_TRY(const Judged judged, task->Judge(answers, *images));
  return JobResult{.value = JsonOf(task->Measure(judged.record, *images)).dump()};
}

Expected<JobResult> RunAccept(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const auto images, place.materials.Images(parameters["images"]));
  NACRE_TRY(const auto network, place.materials.GetNetwork(job.inputs.at(0)));
  const Precision precision = parameters["int8"] ? Precision::kInt8 : Precision::kFp32;
  const auto task = place.materials.task();
  NACRE_TRY(const Tensor answers,
            PredictCompiled(place.compiler, JoinAnswers(*network, task->form()),
                            {precision, place.compute.threads, kDynamic}, *images));
  NACRE_TRY(const Judged judged, task->Judge(answers, *images));
  NACRE_TRY(const ArtifactHash record, place.materials.Put(judged.record));
  return JobResult{.value = JsonOf(task->Measure(judged.record, *images)).dump(),
                   .artifacts = {record}};
}

}  // namespace nacre
