#include "pipeline/ingest.h"

#include <fmt/format.h>

#include <cmath>

#include "base/log.h"
#include "data/image_folder.h"
#include "engine/jobs/accuracy_job.h"
#include "engine/jobs/trainable_job.h"
#include "forecast/priors.h"
#include "onnx/onnx.h"
#include "pipeline/agreement_task_for.h"
#include "pipeline/augmentation_for.h"
#include "pipeline/core_for.h"
#include "pipeline/detection_task_for.h"
#include "target/evaluate.h"
#include "train/trainable.h"

namespace nacre {
namespace {

// A detector is judged by its boxes, what else does not classify by its own answers.
Expected<std::shared_ptr<const Task>> TaskFor(RunServices& run, const Network& file, Ingested& in) {
  Materials& materials = run.materials;
  if (run.config.task == TaskKind::kAgreement) {
    return DenseAgreementTaskFor(
        {.core = in.core,
         .compiler = run.compiler,
         .threads = run.compute.threads,
         .images = [&materials](const auto& hash) { return materials.Images(hash); }});
  }
  NACRE_TRY(
      const auto task,
      DetectionTaskFor({.core = in.core,
                        .file = file.outputs,
                        .settings = run.config.detection,
                        .set = *materials.Boxes(in.selecting->hash),
                        .compiler = run.compiler,
                        .threads = run.compute.threads,
                        .known = [&materials](const auto& hash) { return materials.Boxes(hash); }},
                       in.notes));
  return task;
}

Expected<void> SetTask(RunServices& run, const Network& file, Ingested& in) {
  NACRE_TRY(const auto task, TaskFor(run, file, in));
  for (const AnswerPart& part : task->form().parts) in.answer_numbers += part.numbers();
  run.materials.SetTask(task);
  return {};
}

// The images that calibrate are some of the training images.
Expected<void> TakeImages(RunServices& run, int64_t classes, Ingested& in) {
  NACRE_TRY(const LoadedImages loaded, LoadImages(run, {in.preprocess, classes, in.original_hash}));
  in.answer_numbers = classes;
  in.train = loaded.train;
  in.selecting = loaded.selecting;
  in.notes.insert(in.notes.end(), loaded.notes.begin(), loaded.notes.end());
  in.notes.push_back("training images vary by: " +
                     Describe(AugmentationFor(run.config, in.preprocess.height)));
  const auto count = static_cast<int64_t>(priors::kCalibrationImages);
  in.calibration = std::make_shared<const ImageSet>(Sample(*in.train, count, run.config.seed));
  run.materials.Offer(in.calibration);
  return {};
}

// A finalist loses a little when it is quantized, and chance lies between the selecting images and
// the accepting ones.
void SetLimits(const MaxDrop& max_drop, Ingested& in) {
  const double limit = max_drop.Limit(in.accuracy.value);
  constexpr double kErrorsInInterval = 2 * 1.96;
  const double error = (in.accuracy.high - in.accuracy.low) / kErrorsInInterval;
  in.limit = limit + priors::kQuantizationLoss;
  in.wanted = in.limit + priors::kMarginInErrors * error;
}

// A stated accuracy is only checked: the reference is what was measured.
Expected<void> CheckStatedAccuracy(RunServices& run, Ingested& in) {
  if (!run.config.stated_accuracy) return {};
  const double stated = *run.config.stated_accuracy;
  if (in.accuracy.high < stated && run.config.task == TaskKind::kDetection) {
    return Fail(ErrorKind::kData,
                fmt::format("the original has {:.2f} % on the images that select (95 % interval up "
                            "to {:.2f}), stated are {:.2f} %: are --metric, the preprocessing and "
                            "the order of classes right?",
                            100 * in.accuracy.value, 100 * in.accuracy.high, 100 * stated));
  }
  if (in.accuracy.high < stated) {
    return ExplainMismatch(in.original, run.compiler, *in.selecting, in.accuracy, stated,
                           *run.config.metric);
  }
  if (in.accuracy.low <= stated) return {};
  in.notes.push_back(fmt::format(
      "the original has {:.2f} % (95 % interval from {:.2f}) on the images that select, more than "
      "the stated {:.2f} %: was it trained on some of them? Then all accuracies on them are too "
      "high; --val DIR names images that it never saw",
      100 * in.accuracy.value, 100 * in.accuracy.low, 100 * stated));
  Warn(in.notes.back());
  return {};
}

Expected<void> MeasureAccuracy(RunServices& run, Ingested& in) {
  NACRE_TRY(const JobResult done, run.jobs.Do(ReproduceSpec(in.original_hash, in.selecting->hash)));
  in.accuracy = ReadAccuracy(done);
  NACRE_CHECK_OK(CheckStatedAccuracy(run, in));
  SetLimits(run.config.max_drop, in);
  Info(fmt::format("original: {:.2f} % on the {} images that select{}", 100 * in.accuracy.value,
                   in.accuracy.images,
                   run.config.stated_accuracy
                       ? fmt::format(", stated {:.2f} %", 100 * *run.config.stated_accuracy)
                       : std::string()));
  return {};
}

Expected<void> MakeTeacher(RunServices& run, Ingested& in) {
  NACRE_TRY(const JobResult done,
            run.jobs.Do(TrainableSpec(in.original_hash, in.calibration->hash)));
  in.teacher_hash = done.artifacts.at(0);
  NACRE_TRY(const auto teacher, run.materials.GetNetwork(in.teacher_hash));
  in.teacher = *teacher;
  NACRE_TRY(in.teacher_cost, CostOf(in.teacher));
  return {};
}

}  // namespace

Expected<Ingested> Ingest(RunServices& run) {
  Ingested in{.preprocess = run.config.preprocess};
  NACRE_TRY(const Network file, ReadOnnx(run.config.model));
  NACRE_TRY(in.core, FindCoreFor(run.config, file, /*only_trainable=*/true));
  in.original = in.core.network;
  in.notes = in.core.notes;
  for (const std::string& note : in.notes) Info(note);
  NACRE_TRY(const int64_t classes, FitToTask(run.config, in.core, in.preprocess));
  NACRE_CHECK_OK(CheckTrainable(in.original));
  NACRE_TRY(in.original_hash, run.materials.PutNetwork(in.original));
  NACRE_CHECK_OK(TakeImages(run, classes, in));
  if (classes == 0) NACRE_CHECK_OK(SetTask(run, file, in));
  NACRE_CHECK_OK(MeasureAccuracy(run, in));
  NACRE_CHECK_OK(MakeTeacher(run, in));
  return in;
}

}  // namespace nacre
