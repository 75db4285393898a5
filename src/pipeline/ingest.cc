#include "pipeline/ingest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "base/log.h"
#include "data/image_folder.h"
#include "engine/jobs/accuracy_job.h"
#include "engine/jobs/trainable_job.h"
#include "forecast/priors.h"
#include "onnx/onnx.h"
#include "pipeline/fit_to_preprocess.h"
#include "target/evaluate.h"
#include "train/trainable.h"

namespace nacre {
namespace {

Images Shared(ImageSet images) { return std::make_shared<const ImageSet>(std::move(images)); }

Expected<void> LoadImages(RunServices& run, int64_t classes, Ingested& in) {
  const RunConfig& config = run.config;
  LoadOptions options{
      .preprocess = in.preprocess, .expected_classes = classes, .orientation = config.orientation};
  options.least_images = static_cast<int64_t>(priors::kLeastImagesPerClass) * classes;
  options.progress = [&](double fraction) {
    run.progress.Update(fraction, "decoding " + config.train.string());
  };
  LoadReport report;
  NACRE_TRY(ImageSet all, LoadImageFolder(config.train, options, &report));
  if (!report.broken.empty()) {
    in.notes.push_back(fmt::format("{} unreadable image files left out, first: {}",
                                   report.broken.size(), report.broken.front()));
    Warn(in.notes.back());
  }
  if (report.turned > 0) {
    in.notes.push_back(fmt::format("{} photographs of {} lie on a side by their EXIF data; {}",
                                   report.turned, config.train.string(),
                                   config.orientation == Orientation::kExif
                                       ? "they are turned upright (--orientation file leaves them)"
                                       : "they stay so (--orientation exif turns them)"));
    Warn(in.notes.back());
  }
  options.classes = all.classes;
  if (config.validation.empty()) {
    Split split = SplitByClass(all, priors::kValidationShare, config.seed);
    in.train = Shared(std::move(split.train));
    in.validation = Shared(std::move(split.validation));
  } else {
    NACRE_TRY(ImageSet validation, LoadImageFolder(config.validation, options, &report));
    if (!report.missing.empty()) {
      in.notes.push_back(MissingClasses(config.validation, report.missing));
      Warn(in.notes.back());
    }
    in.validation = Shared(std::move(validation));
    in.train = Shared(std::move(all));
  }
  const auto count = static_cast<int64_t>(priors::kCalibrationImages);
  in.calibration = Shared(Sample(*in.train, count, config.seed));
  for (const Images& set : {in.train, in.validation, in.calibration}) run.materials.Offer(set);
  return {};
}

// A finalist loses a little when it is quantized, and chance lies between the validation images and
// unseen ones.
void SetLimits(const MaxDrop& max_drop, int64_t images, Ingested& in) {
  const double limit = max_drop.Limit(Forecast(in.accuracies).Reference());
  const double error = std::sqrt(limit * (1 - limit) / static_cast<double>(images));
  in.limit = limit + priors::kQuantizationLoss;
  in.wanted = in.limit + priors::kMarginInErrors * error;
}

// On images that the original was trained on its accuracy can lie above the stated one, never
// below.
Expected<void> ReproduceAccuracy(RunServices& run, Ingested& in) {
  NACRE_TRY(const JobResult done,
            run.jobs.Do(ReproduceSpec(in.original_hash, in.validation->hash)));
  const Accuracy top1 = ReadAccuracy(done);
  in.accuracies = {.validation = top1.value, .stated = run.config.stated_accuracy};
  const double reference = Forecast(in.accuracies).Reference();
  if (top1.high < reference) {
    return ExplainMismatch(in.original, run.compiler, *in.validation, top1, reference);
  }
  SetLimits(run.config.max_drop, top1.images, in);
  Info(fmt::format("original: {:.2f} % on {} validation images{}", 100 * top1.value, top1.images,
                   run.config.stated_accuracy ? fmt::format(", stated {:.2f} %", 100 * reference)
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

std::string MissingClasses(const std::filesystem::path& folder,
                           const std::vector<std::string>& missing) {
  constexpr size_t kMostNamed = 5;
  const std::span named(missing.data(), std::min(missing.size(), kMostNamed));
  return fmt::format("{} has no images of {} classes of the training images: {}{}", folder.string(),
                     missing.size(), fmt::join(named, ", "),
                     named.size() < missing.size() ? ", ..." : "");
}

Expected<Ingested> Ingest(RunServices& run) {
  Ingested in{.preprocess = run.config.preprocess};
  NACRE_TRY(const Network file, ReadOnnx(run.config.model));
  NACRE_TRY(in.core, FindCore(file, {.output = run.config.output,
                                     .height = run.config.preprocess.height,
                                     .width = run.config.preprocess.width}));
  in.original = in.core.network;
  in.notes = in.core.notes;
  for (const std::string& note : in.notes) Info(note);
  NACRE_TRY(const int64_t classes, FitClassifier(in.core, in.preprocess));
  NACRE_CHECK_OK(CheckTrainable(in.original));
  NACRE_CHECK_OK(LoadImages(run, classes, in));
  NACRE_TRY(in.original_hash, run.materials.PutNetwork(in.original));
  NACRE_CHECK_OK(ReproduceAccuracy(run, in));
  NACRE_CHECK_OK(MakeTeacher(run, in));
  return in;
}

}  // namespace nacre
