#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "graph/builder.h"
#include "graph/shapes.h"
#include "graph/simplify.h"

namespace nacre {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;

Tensor Vector(std::vector<float> values) {
  return Tensor::Floats({static_cast<int64_t>(values.size())}, values);
}

// A layer of two outputs, then batch-norm: epsilon 0, so that (scale, shift, mean, variance) give
// gains 2 and -1.
Network Normalized(const Node& layer, Shape input, std::map<std::string, Tensor> weights) {
  Network network;
  network.name = "n";
  network.inputs = {{"x", DataType::kFloat, std::move(input)}};
  network.initializers = std::move(weights);
  network.initializers.insert({{"scale", Vector({4, -3})},
                               {"shift", Vector({10, 20})},
                               {"mean", Vector({1, 2})},
                               {"variance", Vector({4, 9})}});
  network.nodes = {layer,
                   {"norm",
                    "BatchNormalization",
                    "",
                    {"l", "scale", "shift", "mean", "variance"},
                    {"y"},
                    {{"epsilon", 0.0f}},
                    "",
                    ""}};
  network.outputs = {{"y", DataType::kFloat, {}}};
  return network;
}

TEST(FoldBatchNormTest, MergesIntoAConvolutionWithoutBias) {
  const Network folded =
      FoldBatchNorm(Normalized({"conv", "Conv", "", {"x", "w"}, {"l"}, {}, "", ""}, {1, 2, 4, 4},
                               {{"w", Tensor::Floats({2, 2, 1, 1}, {1, 2, 3, 4})}}));
  ASSERT_EQ(folded.nodes.size(), 1u);
  EXPECT_THAT(folded.nodes[0].outputs, ElementsAre("y"));
  EXPECT_EQ(folded.initializers.size(), 2u);
  EXPECT_THAT(folded.Initializer("w")->ToFloats(), ElementsAre(2, 4, -3, -4));
  EXPECT_THAT(folded.Initializer(folded.nodes[0].inputs[2])->ToFloats(), ElementsAre(8, 22));
  EXPECT_TRUE(Verify(folded));
}

TEST(FoldBatchNormTest, MergesIntoAGemmOfEitherOrientation) {
  const Network plain = FoldBatchNorm(
      Normalized({"fc", "Gemm", "", {"x", "w", "b"}, {"l"}, {{"beta", 0.5f}}, "", ""}, {1, 2},
                 {{"w", Tensor::Floats({2, 2}, {1, 2, 3, 4})}, {"b", Vector({2, 4})}}));
  EXPECT_THAT(plain.Initializer("w")->ToFloats(), ElementsAre(2, -2, 6, -4));
  // beta * bias * gain + shift - mean * gain
  EXPECT_THAT(plain.Initializer("b")->ToFloats(), ElementsAre(10, 20));
  EXPECT_EQ(plain.nodes[0].Float("beta", 0), 1.0f);
  const Network turned = FoldBatchNorm(
      Normalized({"fc", "Gemm", "", {"x", "w"}, {"l"}, {{"transB", int64_t{1}}}, "", ""}, {1, 2},
                 {{"w", Tensor::Floats({2, 2}, {1, 2, 3, 4})}}));
  EXPECT_THAT(turned.Initializer("w")->ToFloats(), ElementsAre(2, 4, -3, -4));
}

TEST(FoldBatchNormTest, LeavesAConvolutionThatOthersRead) {
  Network network = Normalized({"conv", "Conv", "", {"x", "w"}, {"l"}, {}, "", ""}, {1, 2, 4, 4},
                               {{"w", Tensor::Floats({2, 2, 1, 1}, {1, 2, 3, 4})}});
  network.outputs.push_back({"l", DataType::kFloat, {}});
  EXPECT_EQ(FoldBatchNorm(network).nodes.size(), 2u);
}

TEST(FoldBatchNormTest, AWeightThatOthersReadKeepsItsValue) {
  Network network = Normalized({"conv", "Conv", "", {"x", "w"}, {"l"}, {}, "", ""}, {1, 2, 4, 4},
                               {{"w", Tensor::Floats({2, 2, 1, 1}, {1, 2, 3, 4})}});
  network.nodes.push_back({"twin", "Conv", "", {"x", "w"}, {"z"}, {}, "", ""});
  network.outputs.push_back({"z", DataType::kFloat, {}});
  const Network folded = FoldBatchNorm(network);
  ASSERT_EQ(folded.nodes.size(), 2u);
  EXPECT_THAT(folded.Initializer(folded.nodes[1].inputs[1])->ToFloats(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(folded.Initializer(folded.nodes[0].inputs[1])->ToFloats(), ElementsAre(2, 4, -3, -4));
}

Network TwoConvolutions() {
  NetworkBuilder builder("n", "x", {kDynamic, 2, 4, 4}, Random(3));
  const std::string y = builder.Conv("x", {.out = 3});
  return std::move(builder).Finish(builder.Conv(builder.Activation(y, "Relu"), {.out = 2}), "y");
}

TEST(InsertBatchNormTest, FoldingItAgainGivesTheSameFunction) {
  const Network network = TwoConvolutions();
  const std::string first = network.nodes[0].outputs[0];
  const Network normed = InsertBatchNorm(
      network, {{first, {{0.5f, -1, 3}, {4, 0.25f, 100}}}, {"y", {{1, 2}, {1, 0}}}});
  ASSERT_TRUE(Verify(normed));
  ASSERT_EQ(normed.nodes.size(), 5u);
  EXPECT_EQ(normed.nodes[1].op, "BatchNormalization");
  EXPECT_THAT(normed.nodes[1].outputs, ElementsAre(first));
  EXPECT_THAT(normed.nodes[4].outputs, ElementsAre("y"));
  EXPECT_THAT(normed.Initializer(normed.nodes[1].inputs[3])->ToFloats(), ElementsAre(0.5f, -1, 3));
  EXPECT_TRUE(InferShapes(normed, 1));
  const Network folded = FoldBatchNorm(normed);
  ASSERT_EQ(folded.nodes.size(), network.nodes.size());
  for (const auto& [name, tensor] : network.initializers) {
    EXPECT_THAT(folded.Initializer(name)->ToFloats(),
                Pointwise(FloatNear(1e-5f), tensor.ToFloats()))
        << name;
  }
}

TEST(InsertBatchNormTest, SkipsConvolutionsThatHaveOneOrNoStatistics) {
  NetworkBuilder builder("n", "x", {kDynamic, 2, 4, 4}, Random(3));
  const Network network = std::move(builder).Finish(builder.ConvBn("x", {.out = 2}), "y");
  const std::string conv = network.nodes[0].outputs[0];
  EXPECT_EQ(InsertBatchNorm(network, {{conv, {{0, 0}, {1, 1}}}}).nodes.size(),
            network.nodes.size());
  EXPECT_EQ(InsertBatchNorm(network, {}).nodes.size(), network.nodes.size());
  EXPECT_THROW(InsertBatchNorm(TwoConvolutions(), {{"y", {{0}, {1}}}}), std::logic_error);
}

TEST(WithOutputsTest, ReadsInnerValues) {
  const Network network = TwoConvolutions();
  const std::string inner = network.nodes[1].outputs[0];
  const Network read = WithOutputs(network, {inner});
  EXPECT_EQ(read.nodes.size(), 2u);
  EXPECT_EQ(read.initializers.size(), 2u);
  EXPECT_EQ(read.outputs[0].shape, (Shape{kDynamic, 3, 4, 4}));
  EXPECT_EQ(WithOutputs(network, {"y", inner}).outputs.size(), 2u);
  EXPECT_THROW(WithOutputs(network, {"nothing"}), std::logic_error);
}

}  // namespace
}  // namespace nacre
