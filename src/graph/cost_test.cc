#include <gtest/gtest.h>

#include "graph/builder.h"
#include "graph/operations.h"
#include "graph/shapes.h"

namespace nacre {
namespace {

Network Small() {
  NetworkBuilder builder("net", "x", {kDynamic, 3, 8, 8}, Random(1));
  std::string y = builder.Conv("x", {.out = 4, .stride = 2});
  y = builder.Conv(y, {.out = 8, .kernel = 1, .groups = 2, .bias = false});
  y = builder.Linear(builder.Flatten(y), 10);
  return std::move(builder).Finish(y, "y");
}

TEST(CostTest, CountsMultiplicationsAndParameters) {
  const auto cost = CostOf(Small());
  ASSERT_TRUE(cost) << cost.error().message;
  EXPECT_EQ(cost->macs, 4 * 16 * 27 + 8 * 16 * 2 + 128 * 10);
  EXPECT_EQ(cost->parameters, 4 * 27 + 4 + 8 * 2 + 1280 + 10);
  EXPECT_EQ(CostOf(Small(), 8)->macs, 8 * cost->macs);
}

TEST(CostTest, IsNotDefinedForAnOpenBatch) { EXPECT_FALSE(CostOf(Small(), kDynamic)); }

TEST(CostTest, CountsTransposedConvolutionsByTheirInput) {
  Network network;
  network.inputs = {{"x", DataType::kFloat, {1, 4, 5, 5}}};
  network.initializers["w"] = Tensor::Floats({4, 3, 2, 2}, std::vector<float>(48));
  network.nodes = {{"up",
                    "ConvTranspose",
                    "",
                    {"x", "w"},
                    {"y"},
                    {{"strides", std::vector<int64_t>{2, 2}}},
                    "",
                    ""}};
  network.outputs = {{"y", DataType::kFloat, {1, 3, 10, 10}}};
  EXPECT_EQ(CostOf(network)->macs, 4 * 25 * 3 * 4);
}

TEST(OpaqueTest, ShapesBehindAnOpaqueNodeAreLeftOut) {
  Network network = Small();
  Node& head = network.nodes.back();
  head.frozen_reason = "not understood";
  Node after{"after", "Relu", "", {"y"}, {"z"}, {}, "", ""};
  network.outputs[0].name = "z";
  network.nodes.push_back(after);
  const auto unknown = InferShapes(network, 1);
  ASSERT_TRUE(unknown) << unknown.error().message;
  EXPECT_FALSE(unknown->contains("y"));
  EXPECT_FALSE(unknown->contains("z"));
  network.outputs.push_back({"y", DataType::kFloat, {kDynamic, 10}});
  EXPECT_EQ(InferShapes(network, 4)->at("z").shape, (Shape{4, 10}));
  EXPECT_EQ(CostOf(network)->macs, 4 * 16 * 27 + 8 * 16 * 2);
}

TEST(OperationsTest, SaysWhyANodeIsFrozen) {
  EXPECT_TRUE(IsUnderstood("Conv"));
  EXPECT_FALSE(IsUnderstood("NonMaxSuppression"));
  EXPECT_GE(UnderstoodOperations().size(), 60u);
  Node node{"n", "Conv", "", {"x", "w"}, {"y"}, {}, "", ""};
  EXPECT_EQ(WhyNotUnderstood(node), "");
  node.domain = "com.microsoft";
  EXPECT_NE(WhyNotUnderstood(node), "");
  node = {"n", "BatchNormalization", "", {"x"}, {"y"}, {{"training_mode", int64_t{1}}}, "", ""};
  EXPECT_NE(WhyNotUnderstood(node), "");
  node.attributes["training_mode"] = 1.0f;
  EXPECT_NE(WhyNotUnderstood(node), "");
  node.attributes["training_mode"] = int64_t{0};
  EXPECT_EQ(WhyNotUnderstood(node), "");
  node = {"n", "Constant", "", {}, {"y"}, {{"value_string", std::string("a")}}, "", ""};
  EXPECT_NE(WhyNotUnderstood(node), "");
}

// A layer whose shapes are lost is not counted as nothing in silence.
TEST(CostTest, SaysWhatItLeavesOut) {
  Network network = Small();
  network.nodes[0].frozen_reason = "operation Odd is not known";
  const auto cost = CostOf(network);
  ASSERT_TRUE(cost) << cost.error().message;
  EXPECT_EQ(cost->unknown_nodes, 2);
  EXPECT_EQ(CostOf(Small())->unknown_nodes, 0);
}

// Of a ConvNeXt block (arXiv 2201.03545): the matrix products behind the normalisation count.
TEST(CostTest, SeesThroughLayerNormalization) {
  Network network;
  network.inputs = {{"x", DataType::kFloat, {1, 7, 7, 96}}};
  network.initializers["scale"] = Tensor::Floats({96}, std::vector<float>(96, 1));
  network.initializers["w"] = Tensor::Floats({96, 384}, std::vector<float>(96 * 384));
  network.nodes = {{"norm", "LayerNormalization", "", {"x", "scale"}, {"n"}, {}, "", ""},
                   {"linear", "MatMul", "", {"n", "w"}, {"y"}, {}, "", ""}};
  network.outputs = {{"y", DataType::kFloat, {1, 7, 7, 384}}};
  const auto cost = CostOf(network);
  ASSERT_TRUE(cost) << cost.error().message;
  EXPECT_EQ(cost->macs, 49 * 96 * 384);
  EXPECT_EQ(cost->unknown_nodes, 0);
}

}  // namespace
}  // namespace nacre
