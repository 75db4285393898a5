// How many images one update of a training has.
#pragma once

#include "data/image_set.h"

namespace nacre {

// 128, and fewer, down to 16, where the images would otherwise give less than `updates` of them:
// what a small set teaches depends on the number of updates. Small pictures stay in large batches,
// as every operation has a cost of its own. A power of two.
int64_t BatchFor(const Preprocess& preprocess, int64_t images, int64_t updates);

// Of an epoch of the set, with as many updates as priors::kUpdatesPerEpoch.
int64_t BatchFor(const ImageSet& images);

}  // namespace nacre
