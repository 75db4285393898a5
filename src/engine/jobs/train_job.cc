#include "engine/jobs/train_job.h"

#include <nlohmann/json.hpp>

#include "data/image_folder.h"
#include "engine/jobs/answers_json.h"
#include "engine/jobs/training_options.h"
#include "forecast/priors.h"
#include "train/predict.h"
#include "train/statistics.h"
#include "train/train.h"

namespace nacre {
namespace {

using engine_internal::AnswersFrom;
using engine_internal::AnswersText;
using engine_internal::TrainingOptions;
using Json = nlohmann::json;

Expected<double> ValidationAccuracy(const Network& network, const std::string& images,
                                    const Workplace& place) {
  NACRE_TRY(const auto validation, place.materials.Images(images));
  const auto task = place.materials.task();
  NACRE_TRY(const Tensor answers, Predict(JoinAnswers(network, task->form()), *validation));
  NACRE_TRY(const Judged judged, task->Judge(answers, *validation));
  return judged.value;
}

Expected<TrainOptions> OptionsFor(const JobSpec& job, const Json& parameters,
                                  const ImageSet& images, const Workplace& place) {
  TrainOptions options = TrainingOptions(job, job.label, parameters["rate"], images, place);
  options.loss.hint = parameters["hint"];
  options.weight_bits = parameters["weight_bits"];
  options.compute.bf16 = place.compute.bf16 && options.weight_bits == 0;
  if (!job.recorded.empty()) {
    options.pace = Json::parse(job.recorded).value("pace", std::vector<double>());
  }
  const int64_t end = parameters["end"];
  options.stop_after = end < parameters["total"].get<int64_t>() ? end : 0;
  if (job.inputs.size() > 3) {
    NACRE_TRY(options.resume_state, place.materials.Get(job.inputs[3]));
  }
  return options;
}

}  // namespace

JobSpec TrainSpec(const TrainJob& job) {
  JobSpec spec{.kind = "train", .survives = true, .limit = job.limit, .label = job.name};
  spec.inputs = {job.network, job.answers.logits, job.answers.features};
  if (!job.state.empty()) spec.inputs.push_back(job.state);
  spec.parameters = Json{
      {"train", job.train},
      {"validation", job.validation},
      {"answers", AnswersText(job.answers)},
      {"epochs", job.epochs},
      {"rate", job.rate},
      {"hint", priors::kHintWeight.value},
      {"begin", job.begin},
      {"end", job.end},
      {"total", job.total},
      {"weight_bits", job.weight_bits},
      {"seed",
       job.seed}}.dump();
  return spec;
}

TrainedSegment ReadSegment(const JobResult& result) {
  const Json json = Json::parse(result.value);
  TrainedSegment segment{.network = result.artifacts.at(0)};
  if (result.artifacts.size() > 1) segment.state = result.artifacts[1];
  segment.last = json.contains("accuracy");
  segment.accuracy = json.value("accuracy", 0.0);
  segment.images_per_second = json.value("images_per_second", 0.0);
  if (!json.contains("ranges")) return segment;
  for (const auto& [value, range] : json["ranges"].items()) {
    segment.ranges[value] = {range[0], range[1]};
  }
  return segment;
}

JobSpec RecalibrateSpec(const ArtifactHash& network, const std::string& train,
                        const std::string& validation, uint64_t seed) {
  return {.kind = "recalibrate",
          .parameters = Json{{"train", train},
                             {"validation", validation},
                             {"images", static_cast<int64_t>(priors::kRecalibrationImages)},
                             {"seed", seed}}
                            .dump(),
          .inputs = {network},
          .survives = true,
          .label = "recalibration"};
}

Expected<JobResult> RunTrain(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const auto images, place.materials.Images(parameters["train"]));
  NACRE_TRY(const auto network, place.materials.GetNetwork(job.inputs.at(0)));
  NACRE_TRY(const auto answers,
            LoadAnswers(place.materials,
                        AnswersFrom(parameters["answers"], job.inputs.at(1), job.inputs.at(2))));
  NACRE_TRY(const TrainOptions options, OptionsFor(job, parameters, *images, place));
  NACRE_TRY(const TrainResult result, Train(*network, *images, answers.get(), options));
  Json value{{"loss", result.loss}, {"images_per_second", result.images_per_second}};
  if (!result.pace.empty()) value["pace"] = result.pace;
  if (result.state.empty()) {
    NACRE_TRY(value["accuracy"],
              ValidationAccuracy(result.network, parameters["validation"], place));
    for (const auto& [name, range] : result.ranges) value["ranges"][name] = range;
  }
  NACRE_TRY(const ArtifactHash trained, place.materials.PutNetwork(result.network));
  NACRE_TRY(const ArtifactHash state, place.materials.Put(result.state));
  return JobResult{.value = value.dump(), .artifacts = {trained, state}};
}

Expected<JobResult> RunRecalibrate(const JobSpec& job, const Workplace& place) {
  const Json parameters = Json::parse(job.parameters);
  NACRE_TRY(const auto images, place.materials.Images(parameters["train"]));
  NACRE_TRY(const auto network, place.materials.GetNetwork(job.inputs.at(0)));
  const ImageSet some = Sample(*images, parameters["images"], parameters["seed"]);
  NACRE_TRY(const Network fresh, RecalibrateBatchNorm(*network, some));
  NACRE_TRY(const double accuracy, ValidationAccuracy(fresh, parameters["validation"], place));
  NACRE_TRY(const ArtifactHash hash, place.materials.PutNetwork(fresh));
  return JobResult{.value = Json{{"accuracy", accuracy}}.dump(), .artifacts = {hash}};
}

}  // namespace nacre
