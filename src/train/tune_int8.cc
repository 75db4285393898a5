#include "train/tune_int8.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "data/image_folder.h"
#include "forecast/priors.h"
#include "graph/simplify.h"
#include "train/predict.h"
#include "train/teacher.h"
#include "train/train.h"
#include "train/trainable.h"

namespace nacre {
namespace {

// Images by which the time of one is estimated. A guess: a fraction of a second on small networks.
constexpr int64_t kTimedImages = 256;
// Part of the progress that the teacher's outputs are shown as. A guess.
constexpr double kTeacherShare = 0.25;
// The teacher's images move by the side over this many. CIFAR's usual 4 of 32 pixels.
constexpr int64_t kSideOverShift = 8;
// A batch is at most this part of the images, so that few images still make some steps. A guess.
constexpr int64_t kLeastBatches = 8;

// How many images, and how often each: every pass sees other augmentations, to which the teacher
// answers once.
struct Plan {
  int64_t images = 0, passes = 1;
};

// Seconds of running one image.
Expected<double> TimeOfImage(const Network& network, const TuneOptions& options) {
  const Clock& clock = SteadyClock();
  const ImageSet some = Sample(*options.images, kTimedImages, options.seed);
  const Seconds start = clock.Now();
  NACRE_CHECK_OK(Predict(network, some));
  return (clock.Now() - start).count() / static_cast<double>(some.count());
}

Expected<Plan> MakePlan(const Network& network, const TuneOptions& options) {
  NACRE_TRY(const double forward, TimeOfImage(network, options));
  const double per_image =
      forward * (1 + priors::kInt8UpdateOverForward);  // the teacher's run and a step
  const double affordable = options.seconds.count() / per_image;
  const int64_t all = options.images->count();
  if (affordable < static_cast<double>(std::min(priors::kInt8LeastImages.Count(), all))) {
    const auto given = std::llround(options.seconds.count());
    const auto least = std::llround(std::ceil(priors::kInt8LeastImages.Count() * per_image));
    return Fail(ErrorKind::kUsage, std::to_string(given) +
                                       " s are too short to tune this network for INT8; give at "
                                       "least " +
                                       std::to_string(least) + " s");
  }
  const double passes = affordable / static_cast<double>(all);
  return Plan{
      .images = static_cast<int64_t>(std::min(static_cast<double>(all), affordable)),
      .passes = static_cast<int64_t>(std::clamp<double>(passes, 1.0, priors::kInt8MostEpochs))};
}

TeacherOptions TeacherOptionsFor(const Plan& plan, const ImageSet& images,
                                 const TuneOptions& options) {
  TeacherOptions teacher{.variants = plan.passes, .seed = options.seed, .compute = options.compute};
  teacher.form = options.form;
  teacher.augmentation.shift = std::max<int64_t>(1, images.preprocess.height / kSideOverShift);
  return teacher;
}

TrainOptions TrainOptionsFor(const Plan& plan, const ImageSet& images, const TuneOptions& options) {
  TrainOptions train{.epochs = static_cast<double>(plan.passes)};
  train.batch = std::min(train.batch, std::max<int64_t>(1, images.count() / kLeastBatches));
  train.optimizer.relative_rate *= priors::kInt8Rate;
  train.optimizer.learning_rate *= priors::kInt8Rate;
  train.loss.form = options.form;
  train.loss.distill = 1;
  train.weight_bits = options.weight_bits;
  train.seed = options.seed;
  train.compute = options.compute;
  train.compute.bf16 = false;
  return train;
}

}  // namespace

Expected<Tuned> TuneForInt8(const Network& network, const TuneOptions& options) {
  NACRE_CHECK_OK(CheckCompute(options.compute));
  const Clock& clock = SteadyClock();
  const Seconds deadline = clock.Now() + options.seconds;
  NACRE_TRY(const Plan plan, MakePlan(network, options));
  const ImageSet images = Sample(*options.images, plan.images, options.seed);
  NACRE_TRY(
      const Network start,
      MakeTrainable(network, Sample(images, priors::kCalibrationImages.Count(), options.seed)));
  const auto report = [&](double share) { return !options.progress || options.progress(share); };
  TeacherOptions teacher = TeacherOptionsFor(plan, images, options);
  teacher.progress = [&](double share) { report(kTeacherShare * share); };
  NACRE_TRY(const TeacherOutputs outputs, PrecomputeTeacher(network, images, teacher));
  TrainOptions train = TrainOptionsFor(plan, images, options);
  train.deadline = deadline;
  train.clock = &clock;
  train.progress = [&](const TrainProgress& at) {
    const auto steps = static_cast<double>(std::max<int64_t>(1, at.steps));
    return report(kTeacherShare + (1 - kTeacherShare) * static_cast<double>(at.step) / steps);
  };
  NACRE_TRY(const TrainResult result, Train(start, images, &outputs, train));
  Tuned tuned{.network = FoldBatchNorm(result.network)};
  for (const auto& [value, range] : result.ranges)
    tuned.ranges[value] = {range.first, range.second};
  return tuned;
}

}  // namespace nacre
