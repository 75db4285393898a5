#include "train/ridge.h"

#include <ATen/ATen.h>

#include <stdexcept>

namespace nacre::train_internal {
namespace {

constexpr double kPenalty = 1e-3;  // over the mean square of the features; a guess

}  // namespace

void Ridge::Add(const at::Tensor& x, const at::Tensor& y) {
  const at::Tensor ones = at::ones({x.size(0), 1}, x.options());
  const at::Tensor rows = at::cat({x, ones}, 1);
  const at::Tensor xx = at::mm(rows.t(), rows).to(at::kDouble),
                   xy = at::mm(rows.t(), y).to(at::kDouble);
  xx_ = xx_.defined() ? xx_ + xx : xx;
  xy_ = xy_.defined() ? xy_ + xy : xy;
  rows_ += x.size(0);
}

at::Tensor Ridge::Solve() const {
  const int64_t features = xx_.size(0) - 1;
  const at::Tensor squares = xx_.diagonal().narrow(0, 0, features);
  at::Tensor penalties = at::zeros({features + 1}, xx_.options());  // none on the constants
  penalties.narrow(0, 0, features).fill_(kPenalty * squares.mean().item<double>() + 1e-12);
  const at::Tensor solved = at::linalg_solve(xx_ + penalties.diag(), xy_);
  if (!solved.isfinite().all().item<bool>())
    throw std::runtime_error("least squares have no finite solution");
  return solved;
}

Ridge::Moments Ridge::MomentsOf(const at::Tensor& weights) const {
  const int64_t features = xx_.size(0) - 1;
  const auto rows = static_cast<double>(rows_);
  const at::Tensor alone = weights.narrow(0, 0, features);
  const at::Tensor mean = at::mv(alone.t(), xx_.select(0, features).narrow(0, 0, features)) / rows;
  const at::Tensor squares =
      (alone * at::mm(xx_.narrow(0, 0, features).narrow(1, 0, features), alone)).sum(0) / rows;
  return {mean, (squares - mean.square()).clamp_min(1e-10)};
}

}  // namespace nacre::train_internal
