#include "train/ridge.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace nacre::train_internal {
namespace {

// y = 3 x0 - 2 x1 + 5, and y = x1 - 1, in two batches.
TEST(Ridge, FindsWeightsConstantsAndMoments) {
  const at::Tensor x =
      at::tensor({1., 0., 0., 1., 2., 1., 4., 3., -1., 2., 0., -3.}).to(at::kFloat).view({6, 2});
  const at::Tensor truth = at::tensor({3., 0., -2., 1.}).to(at::kFloat).view({2, 2});
  const at::Tensor y = at::mm(x, truth) + at::tensor({5., -1.}).to(at::kFloat);
  Ridge ridge;
  ridge.Add(x.narrow(0, 0, 4), y.narrow(0, 0, 4));
  ridge.Add(x.narrow(0, 4, 2), y.narrow(0, 4, 2));
  EXPECT_EQ(ridge.rows(), 6);
  const at::Tensor solved = ridge.Solve();
  const double expected[3][2] = {{3, 0}, {-2, 1}, {5, -1}};
  for (int i = 0; i < 3; ++i) {
    for (int k = 0; k < 2; ++k) EXPECT_NEAR(solved[i][k].item<double>(), expected[i][k], 0.02);
  }
  const auto [mean, variance] = ridge.MomentsOf(solved);
  const at::Tensor made = at::mm(x.to(at::kDouble), solved.narrow(0, 0, 2));
  for (int k = 0; k < 2; ++k) {
    const at::Tensor column = made.select(1, k);
    EXPECT_NEAR(mean[k].item<double>(), column.mean().item<double>(), 1e-9);
    EXPECT_NEAR(variance[k].item<double>(), column.var(0, false).item<double>(), 1e-9);
  }
}

// Two equal features: without a penalty there would be no solution.
TEST(Ridge, SharesTheWeightAmongEqualFeatures) {
  const at::Tensor one = at::tensor({1., 2., 3., 4.}).to(at::kFloat).view({4, 1});
  Ridge ridge;
  ridge.Add(at::cat({one, one}, 1), 2 * one);
  const at::Tensor solved = ridge.Solve();
  EXPECT_NEAR(solved[0][0].item<double>(), 1, 0.01);
  EXPECT_NEAR(solved[1][0].item<double>(), 1, 0.01);
}

}  // namespace
}  // namespace nacre::train_internal
