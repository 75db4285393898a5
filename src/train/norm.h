// Batch normalization with the addition and the ReLU behind it as one operation with a gradient
// (decision 18). Private to train/.
#pragma once

#include <ATen/core/Tensor.h>

namespace nacre::train_internal {

struct Norm {
  at::Tensor scale, bias;     // [channels]
  at::Tensor mean, variance;  // [channels], the running ones, which training updates
  bool training = false;      // normalise by the batch's statistics
  bool relu = false;
  double momentum = 0.1;  // weight of this batch in the running statistics; of its variance the
                          // unbiased estimate is taken
  double epsilon = 1e-5;
};

// Whether this room's own loops (train/norm_loops.h) can compute it: in training, on the CPU,
// floats or bfloat16, channels-last, and a residual that is like x.
bool RunsInOnePass(const Norm& norm, const at::Tensor& x, const at::Tensor& residual);

// relu(batch_norm(x) + residual), without the residual where that is undefined and without ReLU
// unless norm.relu. Shapes are any that at::batch_norm takes; what does not run in one pass goes
// through torch's operators.
at::Tensor Normalized(const Norm& norm, const at::Tensor& x, const at::Tensor& residual);

}  // namespace nacre::train_internal
