// Operations one by one: gradients against differences, and outputs beyond the first.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "graph/operations.h"
#include "tests/train_lower_cases.h"
#include "train/convert.h"
#include "train/module.h"

namespace nacre::train_internal {
namespace {

// The input without numbers near 0, 0.3, 0.6, ..., where operations have kinks that differences
// straddle.
at::Tensor BetweenKinks(const Case& c) {
  const at::Tensor x = ToTorch(InputOf(c));
  return ((x / 0.02).floor() + 0.5) * 0.02 + (x / 0.02).frac() * 0.005;
}

// A weighted sum of the output.
double Weighed(const Module& module, const at::Tensor& x, const at::Tensor& weights) {
  const at::NoGradGuard no_grad;
  return (module.Forward(x).to(at::kDouble) * weights).sum().item<double>();
}

// Of every operation whose output follows its input, with respect to the input.
TEST(Operations, EveryOperationHasTheGradientThatDifferencesShow) {
  int checked = 0;
  for (const Case& c : AllCases()) {
    if (!TraitsOf(c.op).has_gradient) continue;
    SCOPED_TRACE(c.name);
    const Module module = *Module::Lower(OneNode(c));
    const at::Tensor x = BetweenKinks(c).set_requires_grad(true);
    const at::Tensor y = module.Forward(x);
    const at::Tensor weights = ToTorch(RandomTensor(y.sizes().vec(), 7)).to(at::kDouble);
    torch::autograd::backward({(y.to(at::kDouble) * weights).sum()});
    ASSERT_TRUE(x.grad().defined());
    const at::Tensor direction = ToTorch(RandomTensor(c.input, 8));
    const double slope = (x.grad() * direction).sum().item<double>(), reach = 1e-3;
    const at::NoGradGuard no_grad;
    const double above = Weighed(module, x + reach * direction, weights);
    const double below = Weighed(module, x - reach * direction, weights);
    EXPECT_NEAR((above - below) / (2 * reach), slope, 0.02 * std::abs(slope) + 0.05);
    ++checked;
  }
  EXPECT_GT(checked, 100);
}

// Further outputs, which the cases of one output do not show.
std::vector<at::Tensor> AllOutputs(Network network, const at::Tensor& x, size_t count) {
  for (size_t i = 1; i < count; ++i) {
    const std::string name = "y" + std::to_string(i);
    network.nodes[0].outputs.push_back(name);
    network.outputs.push_back({name, DataType::kFloat, {}});
  }
  LowerOptions options;
  for (const Value& output : network.outputs) options.keep.insert(output.name);
  const Module module = *Module::Lower(network, options);
  const at::NoGradGuard no_grad;
  Frame frame = module.NewFrame({});
  frame.values[module.InputSlot()] = x;
  std::vector<int> slots;
  for (const Value& output : network.outputs) slots.push_back(module.Slot(output.name));
  module.Run(frame, module.OperationsTo(slots));
  std::vector<at::Tensor> outputs;
  for (const int slot : slots) outputs.push_back(frame.values[slot]);
  return outputs;
}

// ONNX counts places over the whole tensor, also where the window hangs over an uneven pad.
TEST(Operations, PlacesOfAMaximumLeadToIt) {
  const at::Tensor x = ToTorch(RandomTensor({2, 4, 7, 6}, 99)).contiguous();
  for (const Longs& pads : {Longs{1, 1, 1, 1}, Longs{0, 1, 1, 0}, Longs{0, 0, 0, 0}}) {
    const Case c{"places",
                 "MaxPool",
                 {{"kernel_shape", Longs{2, 3}}, {"strides", Longs{2, 2}}, {"pads", pads}},
                 {}};
    const auto outputs = AllOutputs(OneNode(c), x, 2);
    EXPECT_TRUE(at::equal(x.flatten().take(outputs[1]), outputs[0]));
  }
}

TEST(Operations, LayerNormalizationTellsItsMoments) {
  const at::Tensor x = ToTorch(RandomTensor({2, 4, 6}, 99));
  const auto outputs = AllOutputs(
      OneNode({"moments", "LayerNormalization", {}, {Positive({6}, 3)}, {2, 4, 6}}), x, 3);
  EXPECT_TRUE(at::allclose(outputs[1], x.mean(-1, true)));
  EXPECT_TRUE(at::allclose(outputs[2], (x.var(-1, false, true) + 1e-5).rsqrt(), 1e-4));
}

TEST(Operations, TopKGivesValuesAndTheirPlaces) {
  const at::Tensor x = ToTorch(RandomTensor({2, 9}, 99));
  const auto outputs =
      AllOutputs(OneNode({"top", "TopK", {}, {Tensor::Ints({1}, {3})}, {2, 9}}), x, 2);
  EXPECT_TRUE(at::equal(at::gather(x, 1, outputs[1]), outputs[0]));
  EXPECT_TRUE(at::equal(outputs[0].select(1, 0), x.amax(1)));
}

// Rounded numbers, and the gradient as if nothing were rounded; none where it is clipped.
TEST(Operations, QuantizedNumbersPassGradientsStraight) {
  Network network = OneNode({"quantized", "QuantizeLinear", {}, {}, {4}});
  network.initializers = {{"scale", Tensor::Scalar(0.5f)}, {"zero", Tensor::Uint8s({}, {10})}};
  network.nodes[0].inputs = {"x", "scale", "zero"};
  network.nodes[0].outputs = {"q"};
  network.nodes.push_back(
      {"back", "DequantizeLinear", "", {"q", "scale", "zero"}, {"y"}, {}, "", ""});
  const Module module = *Module::Lower(network);
  const at::Tensor x = at::tensor({0.3, 0.7, -9.0, 200.0}, at::kFloat).set_requires_grad(true);
  const at::Tensor y = module.Forward(x);
  EXPECT_TRUE(at::allclose(y, at::tensor({0.5, 0.5, -5.0, 122.5}, at::kFloat)));
  torch::autograd::backward({y.sum()});
  EXPECT_TRUE(at::allclose(x.grad(), at::tensor({1.0, 1.0, 0.0, 0.0}, at::kFloat)));
}

}  // namespace
}  // namespace nacre::train_internal
