// Fake quantisation: what INT8 rounds is rounded in training, too, and gradients pass straight
// through, also to the steps, which are learned (LSQ, arXiv 1902.08153). Parameters are logarithms
// of factors on where the steps began. Private to this room.
#pragma once

#include <utility>

#include "train/module.h"

namespace nacre {

Apply ActivationQuantizer(const QuantizedActivation& slots);
// Lowest and highest value that it represents.
std::pair<float, float> LearnedRange(const at::Tensor& low, const at::Tensor& high,
                                     const at::Tensor& factor);

// Weight through symmetric fake quantisation per channel of `axis`. `factor`: logarithms [channels]
// on the steps at which nothing is clipped, above 0 without effect; undefined: those steps.
at::Tensor FakeQuantizeWeight(const at::Tensor& weight, const at::Tensor& factor, int64_t axis,
                              int bits);

}  // namespace nacre
