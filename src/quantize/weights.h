// Weights to symmetric INT8, one scale an output channel. Private to quantize/.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/tensor.h"

namespace nacre::quantize_internal {

struct QuantizedWeight {
  Tensor values;  // int8, shape as before, in [-limit, limit] with limit = 2^(bits - 1) - 1
  std::vector<float> scales;  // one a channel, positive and normal; 1 for a channel of zeros
};

// value ~ scale[c] * int8, ties rounded to even. `axis` is that of the channels. Throws
// std::logic_error unless `bits` is from 2 to 8.
QuantizedWeight QuantizeWeight(const Tensor& weight, int64_t axis, int bits);

}  // namespace nacre::quantize_internal
