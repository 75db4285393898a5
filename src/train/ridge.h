// Ridge regression by sums, batch by batch. Private to train/.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace nacre::train_internal {

// Sums of a linear regression with a constant term, ridge by a share of the features' mean square.
class Ridge {
 public:
  // x: float [rows, features], y: float [rows, outputs].
  void Add(const at::Tensor& x, const at::Tensor& y);
  int64_t rows() const { return rows_; }
  // Double [features + 1, outputs], the constants last. Throws std::runtime_error when the sums are
  // not finite.
  at::Tensor Solve() const;
  // Of what Solve's weights, without the constants, make of the x: double [outputs].
  struct Moments {
    at::Tensor mean, variance;
  };
  Moments MomentsOf(const at::Tensor& weights) const;

 private:
  at::Tensor xx_, xy_;  // double [features + 1, features + 1] and [features + 1, outputs]
  int64_t rows_ = 0;
};

}  // namespace nacre::train_internal
