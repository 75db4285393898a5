// The loops of batch normalization, with the addition and the ReLU behind it in the same pass
// (Ioffe and Szegedy, arXiv 1502.03167, algorithm 1; gradients: section 3). Decision 18 has what
// they gave over torch's. Private to train/.
//
// An activation is channels-last, contiguous: [rows, channels], a row a pixel of an image. Elements
// are floats or bfloat16 (as bits); all sums and parameters are float or wider. Each call uses one
// thread; rows may be shared out among several.
#pragma once

#include <cstdint>

namespace nacre::train_internal {

using Bf16Bits = uint16_t;

struct Extent {
  int64_t rows, channels;
};

// Adds the sums of x - origin[c] and of its square to sum[c] and squares[c].
void AddMoments(const float* x, Extent extent, const float* origin, double* sum, double* squares);
void AddMoments(const Bf16Bits* x, Extent extent, const float* origin, double* sum,
                double* squares);

// y = scale x + shift (+ residual, unless null), and no less than 0 with `relu`.
struct Scaling {
  const float *scale, *shift;  // [channels]
  bool relu;
};
void Normalize(const float* x, const float* residual, Extent extent, const Scaling& scaling,
               float* y);
void Normalize(const Bf16Bits* x, const Bf16Bits* residual, Extent extent, const Scaling& scaling,
               Bf16Bits* y);

// Where ReLU came last, the gradient passes only where it gave more than 0. Behind an addition `y`
// says where that is, and what passes is written to `passed`; otherwise both are null and it is
// computed from x by `scaling`.
template <typename T>
struct Gradient {
  const T *dy, *x, *y;
  T* passed;
};

// Adds to sum[c] and product[c] the sums of the gradient that passes, and of it times x - mean[c].
void AddGradients(const Gradient<float>& gradient, Extent extent, const Scaling& scaling,
                  const float* mean, double* sum, double* product);
void AddGradients(const Gradient<Bf16Bits>& gradient, Extent extent, const Scaling& scaling,
                  const float* mean, double* sum, double* product);

// dx = scale * gradient that passes + slope (x - mean) + offset. `passed` is read in place of dy
// where it is given.
struct BackwardScaling {
  const float *slope, *mean, *offset;  // [channels]
};
void Backpropagate(const Gradient<float>& gradient, Extent extent, const Scaling& scaling,
                   const BackwardScaling& backward, float* dx);
void Backpropagate(const Gradient<Bf16Bits>& gradient, Extent extent, const Scaling& scaling,
                   const BackwardScaling& backward, Bf16Bits* dx);

}  // namespace nacre::train_internal
