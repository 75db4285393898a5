#include "pipeline/teacher_outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "engine/shares.h"
#include "forecast/priors.h"
#include "pipeline/augmentation_for.h"

namespace nacre {
namespace {

constexpr double kMostBytes = 1 << 30;  // of answers in memory

// Variants that can be kept with so many numbers about each image.
int64_t VariantsThatFit(const Ingested& in, int64_t numbers) {
  return static_cast<int64_t>(kMostBytes /
                              (4.0 * static_cast<double>(in.train->count() * numbers)));
}

// The teacher runs compiled and quantized, on all cores.
int64_t VariantsInTime(const RunServices& run, const Ingested& in, const Baselines& baselines,
                       Seconds total) {
  const double seconds = shares::kTeacherOutputs * total.count();
  const auto pixels = static_cast<double>(in.preprocess.height * in.preprocess.width);
  const double each =
      1e-6 * baselines.int8_latency.count() + priors::kAugmentSecondsPerPixel * pixels;
  const double images = seconds * run.compute.threads / each;
  return static_cast<int64_t>(std::min(images / static_cast<double>(in.train->count()),
                                       priors::kTeacherMostVariants.value));
}

// More than a finalist can see are of no use: one that is twice as fast as the original, trained
// for the whole budget.
int64_t VariantsSeen(const Ingested& in, Seconds total, double macs_per_second) {
  const double epochs = 2 * macs_per_second * total.count() /
                        (in.teacher_macs() * static_cast<double>(in.train->count()));
  return static_cast<int64_t>(std::ceil(epochs));
}

// Of what the teacher's classifier reads; 0: there is no such vector.
int64_t FeatureWidth(const Network& teacher) {
  const auto shapes = InferShapes(teacher, 1);
  if (!shapes) return 0;
  const auto value = shapes->find(ClassifierInput(teacher));
  const bool vector = value != shapes->end() && value->second.shape.size() == 2;
  return vector ? value->second.shape[1] : 0;
}

}  // namespace

Expected<StoredAnswers> PrepareTeacherOutputs(RunServices& run, const Ingested& in,
                                              const Baselines& baselines, Seconds total,
                                              double macs_per_second) {
  TeacherJob job{.teacher = in.teacher_hash,
                 .int8 = baselines.int8,
                 .images = in.train->hash,
                 .augmentation = AugmentationFor(run.config, in.preprocess.height),
                 .seed = run.config.seed};
  const int64_t classes = in.answer_numbers;
  job.variants = std::max<int64_t>(
      1, std::min({VariantsInTime(run, in, baselines, total), VariantsThatFit(in, classes),
                   VariantsSeen(in, total, macs_per_second)}));
  if (!job.augmentation.varies()) job.variants = 1;
  // A class does not move when the image is mirrored (decision 23), but a box or a pixel does.
  if (!run.materials.task()->form().labelled()) job.augmentation.mirrored = false;
  if (job.augmentation.mirrored && job.variants > 1)
    job.variants -= job.variants % 2;  // pairs of mirror images
  job.width = FeatureWidth(in.teacher);
  // More variants are worth more than features.
  if (job.variants > VariantsThatFit(in, classes + job.width)) job.width = 0;
  Info(fmt::format("training images vary by: {} (--augmentation); {} variants of each",
                   Describe(job.augmentation), job.variants));
  NACRE_TRY(const JobResult done, run.jobs.Do(TeacherSpec(job)));
  return ReadAnswers(job, done);
}

}  // namespace nacre
