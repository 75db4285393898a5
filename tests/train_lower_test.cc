// The lowered network against ONNX's reference evaluator, and its gradients against differences.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "graph/builder.h"
#include "onnx/onnx.h"
#include "tests/train_lower_cases.h"
#include "train/convert.h"
#include "train/fake_quantize.h"
#include "train/module.h"
#include "train/trainable.h"

namespace nacre::train_internal {
namespace {

void WriteFloats(const std::filesystem::path& path, const Tensor& tensor) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(tensor.bytes().data()), tensor.bytes().size());
}

std::vector<float> ReadFloats(const std::filesystem::path& path) {
  std::vector<float> values(std::filesystem::file_size(path) / sizeof(float));
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(float));
  return values;
}

TEST(Lower, AgreesWithTheReferenceEvaluator) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "nacre_train_reference";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const std::vector<Case> cases = AllCases();
  for (const Case& c : cases) {
    if (!c.referenced) continue;
    const auto written = WriteOnnx(OneNode(c), folder / (c.name + ".onnx"));
    ASSERT_TRUE(written) << c.name << ": " << written.error().message;
    WriteFloats(folder / (c.name + ".in"), InputOf(c));
  }
  const std::string command = std::string("'") + NACRE_PYTHON + "' '" + NACRE_SOURCE_DIR +
                              "/tests/train_reference.py' '" + folder.string() + "'";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
  for (const Case& c : cases) {
    if (!c.referenced) continue;
    SCOPED_TRACE(c.name);
    const auto module = Module::Lower(OneNode(c));
    ASSERT_TRUE(module) << module.error().message;
    const at::NoGradGuard no_grad;
    const std::vector<float> own = FromTorch(module->Forward(ToTorch(InputOf(c)))).ToFloats();
    const std::vector<float> expected = ReadFloats(folder / (c.name + ".out"));
    ASSERT_EQ(own.size(), expected.size());
    for (size_t i = 0; i < own.size(); ++i) {
      ASSERT_NEAR(own[i], expected[i], 1e-4 * std::max(1.0f, std::abs(expected[i]))) << "at " << i;
    }
  }
  std::filesystem::remove_all(folder);
}

// The reference evaluator of onnx 1.22 floors the output's size here; the specification (and
// OpenVINO) take the ceiling.
TEST(Lower, PadsStridedConvolutionsToTheCeiling) {
  const Tensor weight = RandomTensor({6, 4, 2, 2}, 7);
  const at::Tensor x = ToTorch(RandomTensor({2, 4, 7, 6}, 99));
  auto run = [&](const std::string& key, const Attribute& value) {
    const Case c{"c",
                 "Conv",
                 {{"kernel_shape", Longs{2, 2}}, {"strides", Longs{2, 2}}, {key, value}},
                 {weight}};
    return Module::Lower(OneNode(c))->Forward(x).detach();
  };
  const at::Tensor upper = run("auto_pad", std::string("SAME_UPPER")),
                   lower = run("auto_pad", std::string("SAME_LOWER"));
  EXPECT_EQ(upper.sizes().vec(), (Longs{2, 6, 4, 3}));
  EXPECT_TRUE(at::allclose(upper, run("pads", Longs{0, 0, 1, 0})));
  EXPECT_TRUE(at::allclose(lower, run("pads", Longs{1, 0, 0, 0})));
}

// Residuals, every in-place operation and most gradients of the room.
Network Mixed() {
  NetworkBuilder builder("mixed", "x", {kDynamic, 3, 8, 8}, Random(5));
  const std::string stem = builder.ConvBn("x", {.out = 8});
  std::string inner = builder.ConvBn(stem, {.out = 8}, "HardSwish");
  inner = builder.BatchNorm(builder.Conv(inner, {.out = 8, .groups = 8}));
  const std::string sum = builder.Activation(builder.Add(inner, stem), "Relu");
  const std::string point = builder.Activation(builder.Conv(sum, {.out = 8, .kernel = 1}), "Relu");
  const std::string gated =
      builder.Activation(builder.Conv(builder.Add(point, sum), {.out = 8}), "Silu");
  const std::string pooled =
      builder.AveragePool(builder.MaxPool(builder.Add(gated, sum), 3, 1, 1), 2, 2);
  const std::string flat =
      builder.Flatten(builder.GlobalAveragePool(builder.Activation(pooled, "LeakyRelu")));
  const std::string logits = builder.Linear(flat, 3);
  return std::move(builder).Finish(logits, "logits");
}

double LossOf(const Module& module, const at::Tensor& x, bool training) {
  const at::NoGradGuard no_grad;
  return module.Forward(x, {.training = training, .statistics = 0})
      .to(at::kDouble)
      .square()
      .sum()
      .item<double>();
}

// Two layers read one weight, at two scales.
Network Shared() {
  Network network = Mixed();
  network.name = "shared";
  network.nodes.clear();
  network.initializers = {{"w", RandomTensor({3, 3, 3, 3}, 61, 0.3)}};
  const std::map<std::string, Attribute> padded = {{"pads", Longs{1, 1, 1, 1}}};
  const std::map<std::string, Attribute> halves = {{"pads", Longs{1, 1, 1, 1}},
                                                   {"strides", Longs{2, 2}}};
  network.nodes = {{"a", "Conv", "", {"x", "w"}, {"a"}, padded, "", ""},
                   {"r", "Tanh", "", {"a"}, {"r"}, {}, "", ""},
                   {"b", "Conv", "", {"r", "w"}, {"b"}, halves, "", ""},
                   {"g", "GlobalAveragePool", "", {"b"}, {"g"}, {}, "", ""},
                   {"h", "GlobalAveragePool", "", {"a"}, {"h"}, {}, "", ""},
                   {"s", "Add", "", {"g", "h"}, {"logits"}, {}, "", ""}};
  return network;
}

void ExpectGradients(Module& module, const at::Tensor& x, bool training) {
  torch::autograd::backward(
      {module.Forward(x, {.training = training, .statistics = 0}).square().sum()});
  uint64_t seed = 40;
  for (Parameter& parameter : module.parameters()) {
    SCOPED_TRACE(parameter.name + (training ? " in training" : " in evaluation"));
    ASSERT_TRUE(parameter.tensor.grad().defined());
    const at::NoGradGuard no_grad;
    at::Tensor direction = ToTorch(RandomTensor(parameter.tensor.sizes().vec(), ++seed));
    direction = direction / direction.norm();
    // Along the gradient as well, so that the slope is not lost in rounding.
    const at::Tensor gradient = parameter.tensor.grad().clone();
    if (gradient.norm().item<double>() > 1e-3) direction = direction + gradient / gradient.norm();
    const double slope = (gradient * direction).sum().item<double>(), reach = 2e-3;
    const at::Tensor before = parameter.tensor.detach().clone();
    parameter.tensor.copy_(before + reach * direction);
    const double above = LossOf(module, x, training);
    parameter.tensor.copy_(before - reach * direction);
    const double below = LossOf(module, x, training);
    parameter.tensor.copy_(before);
    EXPECT_NEAR((above - below) / (2 * reach), slope, 0.03 * std::abs(slope) + 0.03);
    parameter.tensor.mutable_grad() = at::Tensor();
  }
}

TEST(Lower, HasTheGradientThatDifferencesShow) {
  Module module = *Module::Lower(Mixed());
  const at::Tensor x = ToTorch(RandomTensor({6, 3, 8, 8}, 17));
  for (const bool training : {false, true}) ExpectGradients(module, x, training);
}

TEST(Lower, SumsTheGradientsOfASharedWeight) {
  Module module = *Module::Lower(Shared());
  ASSERT_EQ(module.parameters().size(), 1u);
  ExpectGradients(module, ToTorch(RandomTensor({6, 3, 8, 8}, 17)), false);
}

// Keeping every value forbids all overwriting: nothing may change by it.
TEST(Lower, OverwritesOnlyWhatNobodyNeeds) {
  const Network network = Mixed();
  LowerOptions all;
  for (const Node& node : network.nodes) all.keep.insert(node.outputs.begin(), node.outputs.end());
  Module plain = *Module::Lower(network, all), saving = *Module::Lower(network);
  const at::Tensor x = ToTorch(RandomTensor({4, 3, 8, 8}, 3)), copy = x.clone();
  const at::Tensor a = plain.Forward(x, {.training = true}),
                   b = saving.Forward(x, {.training = true});
  EXPECT_TRUE(at::equal(a, b));
  EXPECT_TRUE(at::equal(x, copy));
  torch::autograd::backward({a.square().sum()});
  torch::autograd::backward({b.square().sum()});
  for (size_t i = 0; i < plain.parameters().size(); ++i) {
    EXPECT_TRUE(at::allclose(plain.parameters()[i].tensor.grad(),
                             saving.parameters()[i].tensor.grad(), 1e-5, 1e-6))
        << plain.parameters()[i].name;
  }
}

TEST(Lower, DecaysWeightsButNotVectors) {
  Module module = *Module::Lower(Mixed());
  for (const Parameter& parameter : module.parameters()) {
    EXPECT_EQ(parameter.decay, parameter.tensor.dim() > 1) << parameter.name;
  }
  EXPECT_EQ(module.Statistics().size(), 6u);
}

TEST(Lower, ExportsWhatItTook) {
  const Network network = Mixed();
  EXPECT_EQ(Module::Lower(network)->Export(network).initializers, network.initializers);
}

// LSQ, arXiv 1902.08153, equation 3, times the scale, for the parameter is its logarithm: what is
// clipped pulls by the number of levels, all else by its rounding.
TEST(Lower, LearnedScalesFollowTheirGradient) {
  const at::Tensor weight = at::tensor({4.0, 1.1, -1.2}, at::kFloat).reshape({1, 3});
  const at::Tensor factor = at::full({1}, std::log(0.5f)).set_requires_grad(true);
  const at::Tensor rounded = FakeQuantizeWeight(weight, factor, 0, 3);
  const double scale = 4.0 / 3 / 2;
  const double wanted[] = {3 * scale, 2 * scale, -2 * scale};
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(rounded[0][i].item<double>(), wanted[i], 1e-5);
  torch::autograd::backward({rounded.sum()});
  EXPECT_NEAR(factor.grad().item<double>(), scale * (3 + (2 - 1.1 / scale) + (-2 + 1.2 / scale)),
              1e-4);
}

TEST(Lower, LearnedScalesOfWeightsGrowNoFurtherThanClippingNothing) {
  const at::Tensor weight = at::tensor({3.0, -1.3}, at::kFloat).reshape({1, 2});
  const at::Tensor factor = at::full({1}, 1.0f).set_requires_grad(true);
  const at::Tensor rounded = FakeQuantizeWeight(weight, factor, 0, 3);
  EXPECT_EQ(rounded[0][0].item<float>(), 3);
  EXPECT_EQ(rounded[0][1].item<float>(), -1);
  torch::autograd::backward({rounded[0][1]});
  EXPECT_NE(factor.grad().item<float>(), 0) << "could not come back";
}

TEST(Lower, FakeQuantisationStaysCloseAndPassesGradients) {
  Module exact = *Module::Lower(Mixed()), rough = *Module::Lower(Mixed(), {.weight_bits = 8});
  const at::Tensor x = ToTorch(RandomTensor({16, 3, 8, 8}, 3));
  rough.Forward(x, {.observe = true});
  const at::Tensor wanted = exact.Forward(x), given = rough.Forward(x);
  const double error = ((wanted - given).square().mean() / wanted.square().mean()).item<double>();
  EXPECT_GT(error, 0);
  EXPECT_LT(error, 0.02);
  torch::autograd::backward({given.square().sum()});
  size_t scales = 0;
  for (const Parameter& parameter : rough.parameters()) {
    EXPECT_TRUE(parameter.tensor.grad().defined()) << parameter.name;
    scales += parameter.quantizer_scale ? 1 : 0;
  }
  EXPECT_GT(scales, rough.LearnedRanges().size()) << "weights have scales, too";
  EXPECT_FALSE(rough.LearnedRanges().empty());
}

// Whatever stands behind a convolution takes bfloat16, and passes gradients of about the same size
// and direction.
TEST(Lower, Bfloat16StaysCloseAndPassesGradients) {
  Module exact = *Module::Lower(Mixed()), rough = *Module::Lower(Mixed(), {.bf16 = true});
  const at::Tensor x = ToTorch(RandomTensor({16, 3, 8, 8}, 3));
  const at::Tensor wanted = exact.Forward(x, {.training = true}),
                   given = rough.Forward(x, {.training = true});
  EXPECT_EQ(given.scalar_type(), at::kFloat);
  const double error = ((wanted - given).square().mean() / wanted.square().mean()).item<double>();
  EXPECT_GT(error, 0);
  EXPECT_LT(error, 1e-3);
  torch::autograd::backward({wanted.square().sum()});
  torch::autograd::backward({given.square().sum()});
  for (size_t i = 0; i < rough.parameters().size(); ++i) {
    const at::Tensor& a = exact.parameters()[i].tensor.grad();
    const at::Tensor& b = rough.parameters()[i].tensor.grad();
    ASSERT_TRUE(b.defined()) << rough.parameters()[i].name;
    EXPECT_EQ(b.scalar_type(), at::kFloat);
    if (a.norm().item<double>() < 1e-3) continue;  // a bias before a batch-norm has no gradient
    EXPECT_GT((a * b).sum().item<double>(),
              0.95 * a.norm().item<double>() * b.norm().item<double>())
        << rough.parameters()[i].name;
  }
}

TEST(Lower, EveryActivationTakesBfloat16) {
  for (const Case& c : ElementwiseCases()) {
    if (!c.constants.empty() || c.input.size() != 4) continue;
    SCOPED_TRACE(c.name);
    Network network = OneNode(c);
    network.initializers["w"] = RandomTensor({4, c.input[1], 1, 1}, 7, 0.3f);
    Node conv{.name = "conv", .op = "Conv", .inputs = {"x", "w"}, .outputs = {"z"}};
    network.nodes[0].inputs[0] = "z";
    network.nodes.insert(network.nodes.begin(), conv);
    Module module = *Module::Lower(network, {.bf16 = true});
    const at::Tensor y = module.Forward(ToTorch(RandomTensor(c.input, 99)), {.training = true});
    EXPECT_EQ(y.scalar_type(), at::kBFloat16);
    torch::autograd::backward({y.to(at::kFloat).sum()});
    EXPECT_TRUE(module.parameters()[0].tensor.grad().defined());
  }
}

TEST(CheckTrainable, NamesWhatItCannotTrain) {
  Network network = OneNode({"odd", "NonMaxSuppression", {}, {}});
  const auto unknown = CheckTrainable(network);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::kModel);
  EXPECT_NE(unknown.error().message.find("NonMaxSuppression"), std::string::npos);
  network.nodes[0].op = "Relu";
  EXPECT_TRUE(CheckTrainable(network));
  network.nodes[0].frozen_reason = "of domain com.example";
  const auto frozen = CheckTrainable(network);
  ASSERT_FALSE(frozen);
  EXPECT_NE(frozen.error().message.find("com.example"), std::string::npos);
  network.inputs.push_back({"z", DataType::kFloat, {1}});
  EXPECT_FALSE(CheckTrainable(network));
}

TEST(CheckTrainable, WantsABatchThatGoesThrough) {
  const Case flat{"flat", "Reshape", {}, {Tensor::Ints({2}, {1, 168})}, {1, 4, 7, 6}};
  const auto fixed = CheckTrainable(OneNode(flat));
  ASSERT_FALSE(fixed);
  EXPECT_NE(fixed.error().message.find("batch"), std::string::npos) << fixed.error().message;
  const Case mixed{"mixed", "Reshape", {}, {Tensor::Ints({2}, {1, -1})}, {1, 4, 7, 6}};
  EXPECT_FALSE(CheckTrainable(OneNode(mixed)));
  const Case open{"open", "Reshape", {}, {Tensor::Ints({2}, {0, -1})}, {1, 4, 7, 6}};
  EXPECT_TRUE(CheckTrainable(OneNode(open)));
}

}  // namespace
}  // namespace nacre::train_internal
