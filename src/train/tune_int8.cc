#include "train/tune_int8.h"

#include <algorithm>
#include <cmath>

#include "data/image_folder.h"
#include "graph/simplify.h"
#include "train/trainable.h"
#include "train/trainer.h"

namespace nacre {
namespace {

constexpr double kRate = 0.1;  // of the trainer's rates: the weights are nearly right
constexpr int64_t kLeastImages = 1024, kTimed = 256;
constexpr double kStepOverForward = 5;  // time of training an image over that of running it
constexpr double kMostEpochs = 8;
constexpr double kTeacherShare = 0.25;  // of the progress

// How many images, and how often each: every pass sees other augmentations, whose outputs the
// teacher gives once.
struct Plan {
  int64_t images = 0, passes = 1;
};

Expected<Plan> MakePlan(const Network& network, const TuneOptions& options) {
  const Clock& clock = SteadyClock();
  const ImageSet some = Sample(*options.images, kTimed, options.seed);
  const Seconds start = clock.Now();
  NACRE_CHECK_OK(Predict(network, some));
  const double forward = (clock.Now() - start).count() / static_cast<double>(some.count());
  const double passes =
      options.seconds.count() / (forward * (1 + kStepOverForward));  // of single images
  const auto all = static_cast<double>(options.images->count());
  if (passes < static_cast<double>(std::min<int64_t>(kLeastImages, options.images->count()))) {
    const auto given = std::llround(options.seconds.count());
    const auto least = std::llround(std::ceil(kLeastImages * forward * (1 + kStepOverForward)));
    return Fail(ErrorKind::kUsage, std::to_string(given) +
                                       " s are too short to tune this network for INT8; give at "
                                       "least " +
                                       std::to_string(least) + " s");
  }
  return Plan{.images = static_cast<int64_t>(std::min(all, passes)),
              .passes = static_cast<int64_t>(std::clamp(passes / all, 1.0, kMostEpochs))};
}

}  // namespace

Expected<Tuned> TuneForInt8(const Network& network, const TuneOptions& options) {
  NACRE_CHECK_OK(CheckCompute(options.compute));
  const Clock& clock = SteadyClock();
  const Seconds deadline = clock.Now() + options.seconds;
  NACRE_TRY(const Plan plan, MakePlan(network, options));
  const ImageSet images = Sample(*options.images, plan.images, options.seed);
  NACRE_TRY(const Network start, MakeTrainable(network, Sample(images, 512, options.seed)));
  const auto told = [&](double share) { return !options.progress || options.progress(share); };
  TeacherOptions teacher{.variants = plan.passes, .seed = options.seed, .compute = options.compute};
  teacher.augmentation.shift = std::max<int64_t>(1, images.preprocess.height / 8);
  teacher.progress = [&](double share) { told(kTeacherShare * share); };
  NACRE_TRY(const TeacherOutputs outputs, PrecomputeTeacher(network, images, teacher));
  TrainOptions train{.epochs = static_cast<double>(plan.passes)};
  train.batch = std::min<int64_t>(train.batch, std::max<int64_t>(1, images.count() / 8));
  train.relative_rate *= kRate;
  train.learning_rate *= kRate;
  train.distill = 1;
  train.weight_bits = options.weight_bits;
  train.seed = options.seed;
  train.compute = options.compute;
  train.compute.bf16 = false;  // fake quantisation is trained in float
  train.deadline = deadline;
  train.clock = &clock;
  train.progress = [&](const TrainProgress& at) {
    const double share =
        static_cast<double>(at.step) / static_cast<double>(std::max<int64_t>(1, at.steps));
    return told(kTeacherShare + (1 - kTeacherShare) * share);
  };
  NACRE_TRY(const TrainResult result, Train(start, images, &outputs, train));
  Tuned tuned{.network = FoldBatchNorm(result.network)};
  for (const auto& [value, range] : result.ranges)
    tuned.ranges[value] = {range.first, range.second};
  return tuned;
}

}  // namespace nacre
