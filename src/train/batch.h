// Batches of an image set as channels-last torch tensors, filled by all torch threads. Private to
// this room.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <span>

#include "train/augment.h"

namespace nacre {

// Images as stored: [n, channels, height, width].
at::Tensor PlainBatch(const Normalizer& pixels, std::span<const int64_t> images);
at::Tensor PlainBatch(const Normalizer& pixels, int64_t begin, int64_t end);

// Variant variants[k] of images[k].
at::Tensor AugmentedBatch(const Normalizer& pixels, std::span<const int64_t> images,
                          std::span<const int64_t> variants, const Augmentation& augmentation,
                          uint64_t seed);

}  // namespace nacre
