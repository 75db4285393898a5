#include "cli/quantize_inputs.h"

#include "base/log.h"
#include "cli/detector.h"
#include "data/load_notes.h"
#include "onnx/onnx.h"
#include "pipeline/agreement_task_for.h"
#include "pipeline/core_for.h"
#include "pipeline/fit_to_preprocess.h"
#include "pipeline/load_detection.h"
#include "target/evaluate.h"
#include "task/accuracy.h"
#include "task/answers.h"

namespace nacre {
namespace {

// The images of folders, with their labels, or with what the network answers.
Expected<ImageSet> LoadClasses(const Network& network, Compiler& compiler, const RunConfig& config,
                               int64_t classes) {
  const bool labelled = config.task != TaskKind::kAgreement;
  LoadReport report;
  NACRE_TRY(LoadOptions options, ImageOptions(config));
  options.expected_classes = classes;
  NACRE_TRY(ImageSet images, LoadImageFolder(config.validation, options, &report));
  for (const std::string& note : LoadNotes(config.validation, options, report)) Warn(note);
  if (labelled || classes == 0) return images;
  NACRE_TRY(const Tensor logits,
            PredictCompiled(compiler, network, {Precision::kFp32, InspectMachine().cores, kDynamic},
                            images));
  return WithAnswers(std::move(images), Classes(logits), classes);
}

}  // namespace

Expected<OpenedModel> OpenModel(RunConfig& config, bool only_trainable) {
  OpenedModel model;
  NACRE_TRY(model.file, ReadOnnx(config.model));
  NACRE_TRY(model.core, FindCoreFor(config, model.file, only_trainable));
  for (const std::string& note : model.core.notes) Info(note);
  // What nothing judges need not classify.
  NACRE_TRY(model.classes, config.validation.empty()
                               ? FitToPreprocess(model.core, config.preprocess)
                               : FitToTask(config, model.core, config.preprocess));
  return model;
}

std::filesystem::path CalibrationFolder(const SettingFlags& flags, const RunConfig& config) {
  if (!flags.data.empty() && !std::filesystem::exists(config.train)) return flags.data;
  return config.train;
}

Expected<ImageSet> LoadCalibrating(const std::filesystem::path& folder, const RunConfig& config,
                                   OpenedModel& model) {
  if (config.task == TaskKind::kDetection) {
    std::vector<std::string> notes;  // are said where they are found
    DetectionOptions options = BoxOptions(config, config.preprocess);
    options.look_through = false;  // the calibration set is a small part of them
    NACRE_TRY(DetectionSet set, ReadBoxes(folder, options, notes));
    model.object_classes = std::move(set.classes);
    return std::move(set.images);
  }
  LoadReport report;
  NACRE_TRY(LoadOptions options, ImageOptions(config));
  options.on_demand = true;  // the calibration set is a small part of them
  NACRE_TRY(ImageSet images, LoadImageFolder(folder, options, &report));
  for (const std::string& note : LoadNotes(folder, options, report)) Warn(note);
  return images;
}

Expected<Judging> LoadJudging(const OpenedModel& model, Compiler& compiler,
                              const RunConfig& config) {
  if (config.task == TaskKind::kDetection) {
    NACRE_TRY(const JudgedDetector judged,
              JudgeDetector(model.core, model.file, config, config.validation, model.object_classes,
                            compiler));
    return Judging{{judged.set, &judged.set->images}, judged.task};
  }
  NACRE_TRY(ImageSet loaded, LoadClasses(model.core.network, compiler, config, model.classes));
  const auto images = std::make_shared<const ImageSet>(std::move(loaded));
  if (!AgreesByHeads(config, model.core))
    return Judging{images, std::make_shared<const ClassificationTask>(*config.metric)};
  NACRE_TRY(const auto task,
            DenseAgreementTaskFor(
                {.core = model.core,
                 .compiler = compiler,
                 .threads = InspectMachine().cores,
                 .images = [images](const auto&) -> Expected<std::shared_ptr<const ImageSet>> {
                   return images;
                 }}));
  return Judging{images, task};
}

}  // namespace nacre
