// Sampler: which images each step of a training takes, in which variant. Knows no torch.
// Private to train/.
#pragma once

#include <cstdint>
#include <vector>

namespace nacre::train_internal {

// One batch: variant variants[k] of image images[k].
struct SampledBatch {
  std::vector<int64_t> images, variants;
};

// Every epoch visits the images in an order of its own, and a last batch that is not full goes on
// with the first images of the same order. A sample is a function of the arguments and the step, so
// that a training that stops and resumes goes on as if it had not. Not thread-safe.
class Sampler {
 public:
  // `count` images, `batch` of them a step. `variants` is how many the teacher has answered to; 0:
  // there is no teacher, and every epoch has a variant of its own.
  Sampler(int64_t count, int64_t batch, int64_t variants, uint64_t seed);

  int64_t steps_per_epoch() const { return steps_per_epoch_; }
  SampledBatch At(int64_t step);

 private:
  void Shuffle(int64_t epoch);

  int64_t count_, batch_, variants_;
  uint64_t seed_;
  int64_t steps_per_epoch_;
  int64_t epoch_ = -1;          // that order_ is of
  std::vector<int64_t> order_;  // of the images
};

}  // namespace nacre::train_internal
