// Batches of an image set as channels-last torch tensors, filled by all torch threads.
// Private to train/.
#pragma once

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <span>

#include "train/augmentation.h"
#include "train/normalizer.h"

namespace nacre::train_internal {

// Images as stored: float [n, channels, height, width], normalised.
at::Tensor PlainBatch(const Normalizer& pixels, std::span<const int64_t> images);
at::Tensor PlainBatch(const Normalizer& pixels, int64_t begin, int64_t end);

// Variant variants[k] of images[k], blended where the augmentation says so.
at::Tensor AugmentedBatch(const Normalizer& pixels, std::span<const int64_t> images,
                          std::span<const int64_t> variants, const Augmentation& augmentation,
                          uint64_t seed);

// Calls visit(batch) with the images of the set in their order, `size` at a time.
template <typename F>
void VisitBatches(const ImageSet& images, int64_t size, F&& visit) {
  const Normalizer pixels(images);
  for (int64_t begin = 0; begin < images.count(); begin += size)
    visit(PlainBatch(pixels, begin, std::min(images.count(), begin + size)));
}

}  // namespace nacre::train_internal
