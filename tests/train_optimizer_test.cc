// The optimizer against what is known of its updates: sizes, singular values, groups, and the part
// that is plain SGD.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "train/optimizer.h"

namespace nacre::train_internal {
namespace {

Parameter Weight(at::IntArrayRef sizes, int64_t groups) {
  at::manual_seed(7);
  return {"w", at::randn(sizes).contiguous(at::MemoryFormat::ChannelsLast).set_requires_grad(true),
          true, groups};
}

at::Tensor UpdateOf(Parameter& parameter, double relative, const at::Tensor& gradient) {
  Muon muon({parameter}, 0.9, 0);
  parameter.tensor.mutable_grad() = gradient.clone();
  muon.Step(0, 0);  // sets the norm
  const at::Tensor before = parameter.tensor.detach().clone();
  parameter.tensor.mutable_grad() = gradient.clone();
  muon.Step(relative, 0);
  return (before - parameter.tensor.detach()) / relative;
}

TEST(Muon, KeepsTheNormOfWeights) {
  for (double size : {1e-4, 1e4}) {
    Parameter parameter = Weight({16, 8, 3, 3}, 1);
    at::Tensor tensor = parameter.tensor.detach();
    tensor.mul_(size);
    UpdateOf(parameter, 1e-6, at::randn({16, 8, 3, 3}));
    EXPECT_NEAR(tensor.norm().item<double>(), 4, 1e-3);
  }
}

// Three iterations of the polynomial leave singular values in about [0.3, 1.3] for a random matrix.
TEST(Muon, UpdatesAreNearlyOrthogonal) {
  for (const std::vector<int64_t>& sizes : {std::vector<int64_t>{16, 32, 3, 3}, {32, 4, 1, 1}}) {
    Parameter parameter = Weight(sizes, 1);
    const at::Tensor update = UpdateOf(parameter, 1e-3, at::randn(sizes)).reshape({sizes[0], -1});
    const at::Tensor values =
        at::linalg_svdvals(update) * (sizes[2] == 1 ? std::sqrt(4.0 / 32) : 1.0);
    EXPECT_GT(values.min().item<double>(), 0.25);
    EXPECT_LT(values.max().item<double>(), 1.4);
  }
}

TEST(Muon, TheSizeOfTheGradientIsWithoutEffect) {
  const at::Tensor gradient = at::randn({16, 8, 3, 3});
  Parameter a = Weight({16, 8, 3, 3}, 1), b = Weight({16, 8, 3, 3}, 1);
  const at::Tensor small = UpdateOf(a, 1e-2, gradient * 1e-3);
  const at::Tensor large = UpdateOf(b, 1e-2, gradient * 1e3);
  EXPECT_LT((small - large).abs().max().item<double>(), 1e-3);
}

TEST(Muon, GroupsAreMatricesOfTheirOwn) {
  Parameter parameter = Weight({6, 1, 3, 3}, 6);
  const at::Tensor update = UpdateOf(parameter, 1e-3, at::randn({6, 1, 3, 3}));
  const at::Tensor norms = update.reshape({6, -1}).norm(2, 1);
  EXPECT_LT((norms / norms.mean() - 1).abs().max().item<double>(), 0.05);
}

TEST(Muon, OtherParametersAreLeftToSgd) {
  Parameter mine{"head", at::ones({3}).set_requires_grad(true), false, 0}, theirs = mine;
  theirs.tensor = at::ones({3}).set_requires_grad(true);
  Muon muon({mine}, 0.9, 5e-4);
  Sgd sgd({theirs}, 0.9, 5e-4);
  for (int i = 0; i < 3; ++i) {
    const at::Tensor gradient = at::randn({3});
    mine.tensor.mutable_grad() = gradient.clone();
    theirs.tensor.mutable_grad() = gradient.clone();
    muon.Step(0.02, 0.1);
    sgd.Step(0.1);
  }
  EXPECT_TRUE(at::equal(mine.tensor, theirs.tensor));
}

}  // namespace
}  // namespace nacre::train_internal
