// What a network answers, computed by the trainer's own operations rather than by a compiler.
#pragma once

#include <cstdint>

#include "base/expected.h"
#include "data/image_set.h"
#include "graph/network.h"

namespace nacre {

// Logits, float [count, classes], of a network with one input, in evaluation mode: batch-norm uses
// its running statistics. With several outputs they are those of the first. `batch` images are
// computed at a time, by torch's default number of threads. Errors: kModel when an operation is not
// supported (train/trainable.h), kData when the set is empty.
Expected<Tensor> Predict(const Network& network, const ImageSet& images, int64_t batch = 256);

}  // namespace nacre
