// Fake quantisation: what INT8 rounds is rounded in training, too. Gradients pass straight through,
// also to the quantizers' scales, which are learned (LSQ, arXiv 1902.08153). What is learned is the
// logarithm of a factor on the scale that a quantizer began with, so that a scale stays positive
// and one rate serves all (decision 8). Private to train/.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>

#include "train/module.h"

namespace nacre::train_internal {

// Rounds an activation to 256 levels of the range that was observed, times its factor. Without a
// range, and while ranges are observed, the value passes unchanged.
Apply ActivationQuantizer(const QuantizedActivation& slots);

// Lowest and highest value that such a quantizer represents; arguments are its slots' tensors, [1].
std::pair<float, float> LearnedRange(const at::Tensor& low, const at::Tensor& high,
                                     const at::Tensor& factor);

// The weight after symmetric fake quantisation per channel of `axis`. `factor`: logarithms
// [channels] on the scales at which nothing is clipped, above 0 without effect; undefined: those
// scales.
at::Tensor FakeQuantizeWeight(const at::Tensor& weight, const at::Tensor& factor, int64_t axis,
                              int bits);

}  // namespace nacre::train_internal
