// Batch normalization with the addition and the ReLU behind it as one operation with a gradient.
// Private to this room.
#pragma once

#include <ATen/core/Tensor.h>

namespace nacre {

struct Norm {
  at::Tensor scale, bias, mean,
      variance;  // [channels]; training updates the last two, the running ones
  bool training = false, relu = false;
  double momentum = 0.1;  // weight of this batch in them; of its variance the unbiased estimate
  double epsilon = 1e-5;
};

// x and residual (undefined: none) are of any shape that at::batch_norm takes; what is not
// channels-last, and evaluation, goes to it.
at::Tensor Normalized(const Norm& norm, const at::Tensor& x, const at::Tensor& residual);

}  // namespace nacre
