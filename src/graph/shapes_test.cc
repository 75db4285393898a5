// Each row is one node and what ONNX (onnx.reference, opset 17) gives for it.
#include "graph/shapes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>

namespace nacre {
namespace {

using ::testing::HasSubstr;
using Ints = std::vector<int64_t>;

constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

struct Case {
  const char* op;
  std::vector<Shape> inputs;                     // float activations
  std::vector<std::optional<Tensor>> constants;  // further inputs; nothing: not given
  std::map<std::string, Attribute> attributes;
  std::optional<Shape> shape;  // nothing: an error
  size_t outputs = 1;
};

std::string Numbered(std::string stem, size_t i) { return stem.append(std::to_string(i)); }

Network OneNode(const Case& test) {
  Network network;
  Node node{"node", test.op, "", {}, {}, test.attributes, "", ""};
  for (size_t i = 0; i < test.inputs.size(); ++i) {
    node.inputs.push_back(Numbered("x", i));
    network.inputs.push_back({node.inputs.back(), DataType::kFloat, test.inputs[i]});
  }
  for (size_t i = 0; i < test.constants.size(); ++i) {
    node.inputs.push_back(test.constants[i] ? Numbered("c", i) : "");
    if (test.constants[i]) network.initializers[node.inputs.back()] = *test.constants[i];
  }
  for (size_t i = 0; i < test.outputs; ++i) node.outputs.push_back(Numbered("y", i));
  network.nodes = {node};
  network.outputs = {{"y0", DataType::kFloat, {}}};
  return network;
}

Tensor Weight(Shape shape) {
  return Tensor::Floats(shape, std::vector<float>(static_cast<size_t>(ElementCount(shape))));
}
Tensor List(Ints values) { return Tensor::Ints({static_cast<int64_t>(values.size())}, values); }

class ShapesTest : public ::testing::TestWithParam<Case> {};

TEST_P(ShapesTest, FollowsOnnx) {
  const Case& test = GetParam();
  const auto shapes = InferShapes(OneNode(test), kDynamic);
  if (!test.shape) {
    ASSERT_FALSE(shapes);
    EXPECT_EQ(shapes.error().kind, ErrorKind::kModel);
    EXPECT_THAT(shapes.error().message, HasSubstr("'node'"));
    return;
  }
  ASSERT_TRUE(shapes) << shapes.error().message;
  ASSERT_TRUE(shapes->contains("y0"));
  EXPECT_EQ(ToString(shapes->at("y0").shape), ToString(*test.shape)) << test.op;
}

const Case kWindows[] = {
    {"Conv",
     {{2, 3, 32, 32}},
     {Weight({8, 3, 3, 3})},
     {{"pads", Ints{1, 1, 1, 1}}},
     Shape{2, 8, 32, 32}},
    {"Conv",
     {{2, 3, 33, 32}},
     {Weight({8, 3, 3, 3})},
     {{"strides", Ints{2, 2}}},
     Shape{2, 8, 16, 15}},
    {"Conv",
     {{2, 3, 9, 9}},
     {Weight({8, 3, 3, 3})},
     {{"dilations", Ints{2, 2}}},
     Shape{2, 8, 5, 5}},
    {"Conv",
     {{-1, 3, 9, 10}},
     {Weight({8, 3, 3, 3})},
     {{"auto_pad", "SAME_UPPER"}, {"strides", Ints{2, 2}}},
     Shape{-1, 8, 5, 5}},
    {"Conv",
     {{1, 4, 9, 9}},
     {Weight({8, 1, 3, 3}), Weight({8})},
     {{"group", int64_t{4}}},
     Shape{1, 8, 7, 7}},
    {"Conv", {{1, 3, 9, 9}}, {Weight({8, 4, 3, 3})}, {}, std::nullopt},
    {"Conv", {{1, 3, 9, 9}}, {Weight({8, 3, 3, 3}), Weight({7})}, {}, std::nullopt},
    {"Conv", {{1, 3, 2, 2}}, {Weight({8, 3, 3, 3})}, {}, std::nullopt},
    {"Conv", {{1, 3, 9}}, {Weight({8, 3, 3})}, {}, Shape{1, 8, 7}},
    {"ConvTranspose",
     {{1, 4, 5, 5}},
     {Weight({4, 3, 3, 3})},
     {{"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}, {"output_padding", Ints{1, 1}}},
     Shape{1, 3, 10, 10}},
    {"ConvTranspose",
     {{1, 4, 5, 5}},
     {Weight({4, 3, 3, 3})},
     {{"group", int64_t{2}}, {"output_shape", Ints{12, 11}}, {"strides", Ints{2, 2}}},
     Shape{1, 6, 12, 11}},
    {"MaxPool",
     {{1, 4, 8, 8}},
     {},
     {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}},
     Shape{1, 4, 3, 3}},
    {"MaxPool",
     {{1, 4, 8, 8}},
     {},
     {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"ceil_mode", int64_t{1}}},
     Shape{1, 4, 4, 4}},
    // The fourth window would begin in the padding behind the input.
    {"AveragePool",
     {{1, 4, 4, 4}},
     {},
     {{"kernel_shape", Ints{1, 1}},
      {"strides", Ints{2, 2}},
      {"pads", Ints{0, 0, 1, 1}},
      {"ceil_mode", int64_t{1}}},
     Shape{1, 4, 2, 2}},
    {"AveragePool",
     {{1, 4, 7, 7}},
     {},
     {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"auto_pad", "SAME_LOWER"}},
     Shape{1, 4, 4, 4}},
    {"AveragePool",
     {{1, 4, 7, 7}},
     {},
     {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"auto_pad", "VALID"}},
     Shape{1, 4, 3, 3}},
    {"AveragePool", {{1, 4, 7, 7}}, {}, {}, std::nullopt},
    {"GlobalAveragePool", {{-1, 4, 7, 7}}, {}, {}, Shape{-1, 4, 1, 1}}};

const Case kElementwise[] = {
    {"Add", {{2, 3, 4}, {3, 1}}, {}, {}, Shape{2, 3, 4}},
    {"Add", {{1}, {5, 1, 4}}, {}, {}, Shape{5, 1, 4}},
    {"Mul", {{2, 8, 4, 4}, {2, 8, 1, 1}}, {}, {}, Shape{2, 8, 4, 4}},
    {"Add", {{2, 3}, {2, 4}}, {}, {}, std::nullopt},
    {"Add", {{-1, 3}, {4, 3}}, {}, {}, Shape{4, 3}},
    {"Add", {{-1, 3}, {-1, 3}}, {}, {}, Shape{-1, 3}},
    {"Add", {{2, 3}}, {List({1})}, {}, std::nullopt},
    {"Max", {{2, 1}, {1, 3}, {1}}, {}, {}, Shape{2, 3}},
    {"Clip", {{2, 3}}, {Tensor::Scalar(0), Tensor::Scalar(6)}, {}, Shape{2, 3}},
    {"PRelu", {{2, 3, 4, 4}}, {Weight({3, 1, 1})}, {}, Shape{2, 3, 4, 4}},
    {"PRelu", {{3, 1}}, {Weight({3, 4})}, {}, std::nullopt},
    {"BatchNormalization",
     {{2, 3, 4, 4}},
     {Weight({3}), Weight({3}), Weight({3}), Weight({3})},
     {},
     Shape{2, 3, 4, 4}},
    {"BatchNormalization",
     {{2, 3, 4, 4}},
     {Weight({3}), Weight({3}), Weight({4}), Weight({3})},
     {},
     std::nullopt},
    {"Dropout", {{2, 3}}, {}, {}, Shape{2, 3}, 2}};

const Case kMatrices[] = {
    {"Gemm", {{2, 3}}, {Weight({5, 3}), Weight({5})}, {{"transB", int64_t{1}}}, Shape{2, 5}},
    {"Gemm", {{3, 2}}, {Weight({3, 5})}, {{"transA", int64_t{1}}}, Shape{2, 5}},
    {"Gemm", {{2, 3}}, {Weight({5, 3})}, {}, std::nullopt},
    {"Gemm", {{2, 3}}, {Weight({3, 5}), Weight({4})}, {}, std::nullopt},
    {"MatMul", {{7, 1, 2, 3}, {6, 3, 4}}, {}, {}, Shape{7, 6, 2, 4}},
    {"MatMul", {{3}, {3, 4}}, {}, {}, Shape{4}},
    {"MatMul", {{2, 3}, {3}}, {}, {}, Shape{2}},
    {"MatMul", {{2, 3}, {4, 3}}, {}, {}, std::nullopt},
    {"ReduceMean",
     {{2, 3, 4, 5}},
     {},
     {{"axes", Ints{-1, 2}}, {"keepdims", int64_t{0}}},
     Shape{2, 3}},
    {"ReduceMean", {{2, 3}}, {}, {}, Shape{1, 1}}};

const Case kLayouts[] = {
    {"Flatten", {{-1, 3, 4, 5}}, {}, {}, Shape{-1, 60}},
    {"Flatten", {{2, 3, 4}}, {}, {{"axis", int64_t{0}}}, Shape{1, 24}},
    {"Flatten", {{2, 3, 4}}, {}, {{"axis", int64_t{-1}}}, Shape{6, 4}},
    {"Reshape", {{-1, 3, 4, 5}}, {List({0, -1})}, {}, Shape{-1, 60}},
    {"Reshape", {{-1, 3, 4, 5}}, {List({-1, 60})}, {}, Shape{-1, 60}},
    {"Reshape", {{2, 3, 4}}, {List({4, -1})}, {}, Shape{4, 6}},
    {"Reshape", {{2, 3, 4}}, {List({5, -1})}, {}, std::nullopt},
    {"Reshape", {{2, 3, 4}}, {List({5, 5})}, {}, std::nullopt},
    {"Reshape", {{2, 3, 4}}, {List({-1, -1})}, {}, std::nullopt},
    {"Reshape", {{0, 3}}, {List({3, 0})}, {{"allowzero", int64_t{1}}}, Shape{3, 0}},
    {"Transpose", {{2, 3, 4}}, {}, {}, Shape{4, 3, 2}},
    {"Transpose", {{2, 3, 4}}, {}, {{"perm", Ints{1, 0, 2}}}, Shape{3, 2, 4}},
    {"Transpose", {{2, 3, 4}}, {}, {{"perm", Ints{1, 1, 2}}}, std::nullopt},
    {"Squeeze", {{1, 3, 1}}, {List({-1})}, {}, Shape{1, 3}},
    {"Squeeze", {{1, 3, 1}}, {}, {}, Shape{3}},
    {"Squeeze", {{1, 3, 1}}, {List({1})}, {}, std::nullopt},
    {"Unsqueeze", {{2, 3}}, {List({3, 0})}, {}, Shape{1, 2, 3, 1}},
    {"DepthToSpace", {{1, 8, 2, 3}}, {}, {{"blocksize", int64_t{2}}}, Shape{1, 2, 4, 6}},
    {"SpaceToDepth", {{1, 2, 4, 6}}, {}, {{"blocksize", int64_t{2}}}, Shape{1, 8, 2, 3}},
    {"SpaceToDepth", {{1, 2, 4, 5}}, {}, {{"blocksize", int64_t{2}}}, std::nullopt}};

const Case kSelections[] = {
    {"Concat", {{2, 3}, {2, 4}}, {}, {{"axis", int64_t{-1}}}, Shape{2, 7}},
    {"Concat", {{-1, 3}, {2, 4}}, {}, {{"axis", int64_t{1}}}, Shape{2, 7}},
    {"Concat", {{2, 3}, {3, 3}}, {}, {{"axis", int64_t{1}}}, std::nullopt},
    {"Split", {{2, 6}}, {List({2, 4})}, {{"axis", int64_t{1}}}, Shape{2, 2}, 2},
    {"Split", {{2, 6}}, {}, {{"axis", int64_t{1}}}, Shape{2, 3}, 2},
    {"Split", {{2, 7}}, {}, {{"axis", int64_t{1}}}, std::nullopt, 2},
    {"Split", {{2, 6}}, {List({2, 3})}, {{"axis", int64_t{1}}}, std::nullopt, 2},
    {"Slice",
     {{2, 16, 32, 31}},
     {List({0, 0}), List({kEnd, kEnd}), List({2, 3}), List({2, 2})},
     {},
     Shape{2, 16, 16, 16}},
    {"Slice", {{10}}, {List({-1}), List({-kEnd}), List({0}), List({-3})}, {}, Shape{4}},
    {"Slice", {{10}}, {List({8}), List({2})}, {}, Shape{0}},
    {"Slice", {{-1, 5}}, {List({0, -2}), List({kEnd, kEnd})}, {}, Shape{-1, 2}},
    {"Slice", {{10}}, {List({0}), List({5}), List({0}), List({0})}, {}, std::nullopt},
    {"Pad", {{2, 16, 8, 8}}, {List({0, 8, 0, 0, 0, 8, 0, -1})}, {}, Shape{2, 32, 8, 7}},
    {"Pad", {{2, 16}}, {List({0, 8})}, {}, std::nullopt},
    {"Gather", {{2, 5, 4}}, {List({0, 1, 0})}, {{"axis", int64_t{1}}}, Shape{2, 3, 4}},
    {"Gather", {{2, 5, 4}}, {Tensor::Ints({}, {0})}, {{"axis", int64_t{1}}}, Shape{2, 4}},
    {"Expand", {{3, 1}}, {List({2, 1, 4})}, {}, Shape{2, 3, 4}},
    {"Resize",
     {{1, 3, 5, 5}},
     {std::nullopt, Tensor::Floats({4}, {1, 1, 2, 1.5f})},
     {},
     Shape{1, 3, 10, 7}},
    {"Resize",
     {{1, 3, 5, 5}},
     {std::nullopt, std::nullopt, List({1, 3, 7, 9})},
     {},
     Shape{1, 3, 7, 9}},
    {"Resize", {{1, 3, 5, 5}}, {}, {}, std::nullopt},
    {"Upsample", {{-1, 3, 5, 5}}, {Tensor::Floats({4}, {1, 1, 2, 2})}, {}, Shape{-1, 3, 10, 10}}};

const Case kNorms[] = {
    {"LayerNormalization", {{2, 7, 7, 96}}, {Weight({96}), Weight({96})}, {}, Shape{2, 7, 7, 96}},
    {"LayerNormalization",
     {{2, 7, 5}},
     {Weight({7, 5})},
     {{"axis", int64_t{1}}},
     Shape{2, 7, 5},
     3},
    {"LayerNormalization", {{2, 7, 5}}, {Weight({7})}, {}, std::nullopt},
    {"InstanceNormalization", {{2, 3, 4}}, {Weight({3}), Weight({3})}, {}, Shape{2, 3, 4}},
    {"LRN", {{2, 3, 4}}, {}, {{"size", int64_t{3}}}, Shape{2, 3, 4}},
    {"LRN", {{2, 3, 4}}, {}, {}, std::nullopt},
    {"MeanVarianceNormalization", {{2, 3, 4, 4}}, {}, {}, Shape{2, 3, 4, 4}},
    {"LpNormalization", {{2, 3}}, {}, {{"axis", int64_t{2}}}, std::nullopt}};

const Case kReductions[] = {
    {"ReduceSum", {{2, 3, 4}}, {List({-1})}, {}, Shape{2, 3, 1}},
    {"ReduceSum", {{2, 3}}, {}, {{"noop_with_empty_axes", int64_t{1}}}, Shape{2, 3}},
    {"ReduceMax", {{2, 3, 4}}, {}, {{"axes", Ints{1}}, {"keepdims", int64_t{0}}}, Shape{2, 4}},
    {"ReduceLogSumExp", {{2, 3}}, {}, {{"axes", Ints{2}}}, std::nullopt},
    {"ArgMax", {{2, 3, 4}}, {}, {{"axis", int64_t{1}}}, Shape{2, 1, 4}},
    {"ArgMin", {{2, 3, 4}}, {}, {{"axis", int64_t{-1}}, {"keepdims", int64_t{0}}}, Shape{2, 3}},
    {"TopK", {{2, 30}}, {List({5})}, {}, Shape{2, 5}, 2},
    {"TopK", {{2, 3}}, {List({5})}, {}, std::nullopt, 2}};

const Case kChoices[] = {
    {"Tile", {{2, 3}}, {List({1, 4})}, {}, Shape{2, 12}},
    {"Tile", {{-1, 3}}, {List({1, 4})}, {}, Shape{-1, 12}},
    {"Tile", {{2, 3}}, {List({4})}, {}, std::nullopt},
    {"GatherND", {{2, 3, 4}}, {Tensor::Ints({5, 2}, Ints(10))}, {}, Shape{5, 4}},
    {"GatherND",
     {{2, 3, 4}},
     {Tensor::Ints({2, 1}, Ints(2))},
     {{"batch_dims", int64_t{1}}},
     Shape{2, 4}},
    {"GatherND", {{2}}, {Tensor::Ints({1, 2}, Ints(2))}, {}, std::nullopt},
    {"GatherElements", {{3, 4}}, {Tensor::Ints({2, 4}, Ints(8))}, {}, Shape{2, 4}},
    {"ScatterND", {{3, 4}}, {Tensor::Ints({1, 1}, {0}), Weight({1, 4})}, {}, Shape{3, 4}},
    {"Where", {{2, 3}, {3}, {2, 1}}, {}, {}, Shape{2, 3}},
    {"GreaterOrEqual", {{2, 3}, {3}}, {}, {}, Shape{2, 3}},
    {"Einsum", {{2, 3, 4}, {4, 5}}, {}, {{"equation", "bij, jk -> bik"}}, Shape{2, 3, 5}},
    {"Einsum", {{2, 3}, {3, 4}}, {}, {{"equation", "ij,jk"}}, Shape{2, 4}},
    {"Einsum", {{2, 3}, {4, 4}}, {}, {{"equation", "ij,jk->ik"}}, std::nullopt},
    {"LpPool", {{1, 4, 8, 8}}, {}, {{"kernel_shape", Ints{2, 2}}}, Shape{1, 4, 7, 7}},
    {"Size", {{2, 3}}, {}, {}, Shape{}}};

INSTANTIATE_TEST_SUITE_P(Windows, ShapesTest, ::testing::ValuesIn(kWindows));
INSTANTIATE_TEST_SUITE_P(Elementwise, ShapesTest, ::testing::ValuesIn(kElementwise));
INSTANTIATE_TEST_SUITE_P(Matrices, ShapesTest, ::testing::ValuesIn(kMatrices));
INSTANTIATE_TEST_SUITE_P(Layouts, ShapesTest, ::testing::ValuesIn(kLayouts));
INSTANTIATE_TEST_SUITE_P(Norms, ShapesTest, ::testing::ValuesIn(kNorms));
INSTANTIATE_TEST_SUITE_P(Reductions, ShapesTest, ::testing::ValuesIn(kReductions));
INSTANTIATE_TEST_SUITE_P(Choices, ShapesTest, ::testing::ValuesIn(kChoices));
INSTANTIATE_TEST_SUITE_P(Selections, ShapesTest, ::testing::ValuesIn(kSelections));

TEST(ShapeWalkTest, SaysOfAGrowingNetworkWhatInferShapesSays) {
  Network network{.name = "grows"};
  network.inputs = {{"x", DataType::kFloat, {kDynamic, 3, 8, 8}}};
  ShapeWalk walk(network);
  EXPECT_EQ(walk.ShapeOf("x"), (Shape{kDynamic, 3, 8, 8}));
  EXPECT_EQ(walk.ShapeOf("a"), std::nullopt);
  network.initializers["w"] = Tensor::Floats({4, 3, 1, 1}, std::vector<float>(12));
  network.nodes.push_back({.name = "a", .op = "Conv", .inputs = {"x", "w"}, .outputs = {"a"}});
  EXPECT_EQ(walk.ShapeOf("a"), (Shape{kDynamic, 4, 8, 8}));
  network.nodes.push_back({.name = "b", .op = "Flatten", .inputs = {"a"}, .outputs = {"b"}});
  EXPECT_EQ(walk.ShapeOf("b"), (Shape{kDynamic, 256}));
  EXPECT_EQ(walk.ShapeOf("a"), InferShapes(network, kDynamic)->at("a").shape);
  network.nodes.push_back({.name = "c", .op = "Conv", .inputs = {"b", "w"}, .outputs = {"c"}});
  EXPECT_FALSE(InferShapes(network, kDynamic));
  EXPECT_EQ(walk.ShapeOf("a"), std::nullopt);
}

}  // namespace
}  // namespace nacre
