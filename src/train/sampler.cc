#include "train/sampler.h"

#include <numeric>
#include <string>

#include "base/random.h"

namespace nacre::train_internal {

Sampler::Sampler(int64_t count, int64_t batch, int64_t variants, uint64_t seed)
    : count_(count),
      batch_(batch),
      variants_(variants),
      seed_(seed),
      steps_per_epoch_((count + batch - 1) / batch) {}

void Sampler::Shuffle(int64_t epoch) {
  if (epoch == epoch_) return;
  order_.resize(static_cast<size_t>(count_));
  std::iota(order_.begin(), order_.end(), int64_t{0});
  Random(seed_).Fork("epoch " + std::to_string(epoch)).Shuffle(order_);
  epoch_ = epoch;
}

SampledBatch Sampler::At(int64_t step) {
  const int64_t epoch = step / steps_per_epoch_;
  Shuffle(epoch);
  const int64_t begin = step % steps_per_epoch_ * batch_;
  SampledBatch batch;
  for (int64_t k = 0; k < batch_; ++k) {
    const int64_t image = order_[static_cast<size_t>((begin + k) % count_)];
    batch.images.push_back(image);
    batch.variants.push_back(variants_ > 0 ? (epoch + image) % variants_ : epoch);
  }
  return batch;
}

}  // namespace nacre::train_internal
