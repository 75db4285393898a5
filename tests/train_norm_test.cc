// Batch normalization in one operation against torch's, step by step.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "train/norm.h"

namespace nacre::train_internal {
namespace {

struct Case {
  int64_t batch, channels, size;
  at::ScalarType type;
  bool residual, relu;
};

struct Outcome {
  at::Tensor y, mean, variance, dx, dscale, dbias, dresidual;
};

at::Tensor Leaf(const at::Tensor& values) {
  return values.dim() == 4
             ? values.contiguous(at::MemoryFormat::ChannelsLast).detach().set_requires_grad(true)
             : values.detach().clone().set_requires_grad(true);
}

class AgainstTorch : public testing::TestWithParam<Case> {
 protected:
  AgainstTorch() {
    at::manual_seed(7);
    const Case& c = GetParam();
    sizes_ = {c.batch, c.channels, c.size, c.size};
    const at::IntArrayRef shape = sizes_;
    // Means of many deviations; rounded to the type that is tried, so that both sides read the
    // same.
    x_ = (at::randn(shape) * 2 + 30 * at::randn({1, c.channels, 1, 1})).to(c.type).to(at::kFloat);
    residual_ = at::randn(shape).to(c.type).to(at::kFloat);
    gradient_ = at::randn(shape).to(c.type).to(at::kFloat);
    scale_ = at::randn({c.channels});
    bias_ = at::randn({c.channels});
    scale_[0] = -0.7;
  }

  template <typename F>
  Outcome Run(at::ScalarType type, F apply) const {
    const Case& c = GetParam();
    const at::Tensor x = Leaf(x_.to(type)),
                     residual = c.residual ? Leaf(residual_.to(type)) : at::Tensor();
    const at::Tensor scale = Leaf(scale_), bias = Leaf(bias_);
    Outcome o{.mean = at::full({c.channels}, 3.0), .variance = at::full({c.channels}, 2.0)};
    const Norm norm{.scale = scale,
                    .bias = bias,
                    .mean = o.mean,
                    .variance = o.variance,
                    .training = true,
                    .relu = c.relu,
                    .momentum = 0.25,
                    .epsilon = 1e-3};
    o.y = apply(norm, x, residual);
    torch::autograd::backward({o.y}, {gradient_.to(type)});
    o.dx = x.grad();
    o.dscale = scale.grad();
    o.dbias = bias.grad();
    if (c.residual) o.dresidual = residual.grad();
    return o;
  }

  std::vector<int64_t> sizes_;
  at::Tensor x_, residual_, gradient_, scale_, bias_;
};

at::Tensor Torchs(const Norm& n, const at::Tensor& x, const at::Tensor& residual) {
  at::Tensor y =
      at::batch_norm(x, n.scale, n.bias, n.mean, n.variance, true, n.momentum, n.epsilon, false);
  if (residual.defined()) y = y + residual;
  return n.relu ? at::relu(y) : y;
}

// Largest difference, as a part of what is wanted and of its usual size.
double Difference(const at::Tensor& given, const at::Tensor& wanted) {
  const at::Tensor size = wanted.to(at::kDouble).abs();
  return ((given.to(at::kDouble) - wanted.to(at::kDouble)).abs() / (size + size.mean() + 1e-9))
      .max()
      .item<double>();
}

TEST_P(AgainstTorch, GivesTheSame) {
  const int threads = at::get_num_threads();
  const Outcome wanted = Run(at::kFloat, Torchs);
  for (const int count : {1, 2}) {
    at::set_num_threads(count);
    const Outcome given = Run(GetParam().type, Normalized);
    const double near =
        GetParam().type == at::kFloat ? 1e-3 : 1.0 / 256;  // bfloat16 rounds to 8 bits
    EXPECT_EQ(given.y.scalar_type(), GetParam().type);
    EXPECT_LT(Difference(given.mean, wanted.mean), 1e-5);
    EXPECT_LT(Difference(given.variance, wanted.variance), 1e-4);
    EXPECT_LT(Difference(given.y, wanted.y), near);
    EXPECT_LT(Difference(given.dx, wanted.dx), near);
    EXPECT_LT(Difference(given.dscale, wanted.dscale), near);
    EXPECT_LT(Difference(given.dbias, wanted.dbias), near);
    if (GetParam().residual) {
      EXPECT_LT(Difference(given.dresidual, wanted.dresidual), near);
    }
  }
  at::set_num_threads(threads);
}

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const auto type : {at::kFloat, at::kBFloat16}) {
    for (const bool residual : {false, true}) {
      for (const bool relu : {false, true}) {
        cases.push_back({8, 16, 32, type, residual, relu});
        cases.push_back({3, 5, 7, type, residual, relu});
        cases.push_back({4, 200, 4, type, residual, relu});
      }
    }
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Norm, AgainstTorch, testing::ValuesIn(Cases()), [](const auto& info) {
  const Case& c = info.param;
  return std::to_string(c.channels) + (c.type == at::kFloat ? "_float" : "_bf16") +
         (c.residual ? "_residual" : "") + (c.relu ? "_relu" : "");
});

// A value that is not a number is not hidden by ReLU: training must notice.
TEST(Norm, KeepsWhatIsNotANumber) {
  at::Tensor x =
      at::randn({4, 8, 6, 6}).to(at::kBFloat16).contiguous(at::MemoryFormat::ChannelsLast);
  x[1][2][3][3] = std::numeric_limits<float>::quiet_NaN();
  const Norm norm{.scale = at::ones({8}),
                  .bias = at::zeros({8}),
                  .mean = at::zeros({8}),
                  .variance = at::ones({8}),
                  .training = true,
                  .relu = true};
  const at::Tensor y = Normalized(norm, x, {});
  EXPECT_TRUE(y.select(1, 2).isnan().all().item<bool>());
  EXPECT_FALSE(y.select(1, 3).isnan().any().item<bool>());
  EXPECT_TRUE(norm.mean[2].isnan().item<bool>());
}

// The loops read plain memory, so that what is elsewhere, or laid out otherwise, must not reach
// them.
TEST(Norm, RunsInOnePassOnlyWhatItsLoopsCanRead) {
  const Norm norm{.training = true};
  const at::Tensor x = at::randn({4, 8, 6, 6}).contiguous(at::MemoryFormat::ChannelsLast);
  EXPECT_TRUE(RunsInOnePass(norm, x, {}));
  EXPECT_TRUE(RunsInOnePass(norm, x, x));
  EXPECT_TRUE(RunsInOnePass(norm, x.to(at::kBFloat16), {}));
  EXPECT_FALSE(RunsInOnePass({.training = false}, x, {}));
  EXPECT_FALSE(RunsInOnePass(norm, x.to(at::kMeta), {})) << "a device without memory to read";
  EXPECT_FALSE(RunsInOnePass(norm, x, x.to(at::kMeta)));
  EXPECT_FALSE(RunsInOnePass(norm, x.contiguous(), {}));
  EXPECT_FALSE(RunsInOnePass(norm, x, x.contiguous()));
  EXPECT_FALSE(RunsInOnePass(norm, x.to(at::kDouble), {}));
  EXPECT_FALSE(RunsInOnePass(norm, x, x.to(at::kBFloat16)));
  EXPECT_FALSE(RunsInOnePass(norm, x.flatten(1), {}));
  EXPECT_FALSE(RunsInOnePass(norm, x.slice(0, 0, 1).slice(2, 0, 1).slice(3, 0, 1), {}))
      << "one element a channel has no variance";
}

TEST(Norm, TakesOtherLayoutsAndBroadcastsAndEvaluation) {
  const at::Tensor x = at::randn({4, 8, 6, 6}), one = at::randn({1, 8, 1, 1});
  for (const bool training : {true, false}) {
    const auto norm = [&] {
      return Norm{.scale = at::rand({8}),
                  .bias = at::zeros({8}),
                  .mean = at::ones({8}),
                  .variance = at::ones({8}),
                  .training = training};
    };
    Norm own = norm(), torchs = own;
    torchs.mean = own.mean.clone();
    torchs.variance = own.variance.clone();
    const at::Tensor wanted = at::batch_norm(x, own.scale, own.bias, torchs.mean, torchs.variance,
                                             training, 0.1, 1e-5, false) +
                              one;
    EXPECT_TRUE(at::allclose(Normalized(own, x, one), wanted));
    EXPECT_TRUE(at::allclose(own.mean, torchs.mean));
  }
}

}  // namespace
}  // namespace nacre::train_internal
