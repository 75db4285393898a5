#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "graph/shapes.h"
#include "graph/simplify.h"

namespace nacre {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Ints = std::vector<int64_t>;

Tensor List(Ints values) { return Tensor::Ints({static_cast<int64_t>(values.size())}, values); }

// Input "x", output "y", nodes as they are added.
class Graph {
 public:
  explicit Graph(Shape input, Shape output = {}) {
    network_.name = "graph";
    network_.inputs = {{"x", DataType::kFloat, std::move(input)}};
    network_.outputs = {{"y", DataType::kFloat, std::move(output)}};
  }
  Graph& Add(const std::string& op, std::vector<std::string> inputs,
             std::vector<std::string> outputs, std::map<std::string, Attribute> attributes = {}) {
    network_.nodes.push_back({std::string("node_").append(outputs[0]), op, "", std::move(inputs),
                              std::move(outputs), std::move(attributes), "", ""});
    return *this;
  }
  Graph& Constant(const std::string& name, Tensor value) {
    network_.initializers[name] = std::move(value);
    return *this;
  }
  Network Fold() const {
    const auto folded = FoldConstants(network_);
    EXPECT_TRUE(folded) << folded.error().message;
    return folded.value_or(Network{});
  }
  const Network& network() const { return network_; }

 private:
  Network network_;
};

std::vector<std::string> Operations(const Network& network) {
  std::vector<std::string> operations;
  for (const Node& node : network.nodes) operations.push_back(node.op);
  return operations;
}

Ints IntsOf(const Network& network, const std::string& value) {
  const Tensor* tensor = network.Initializer(value);
  return tensor == nullptr ? Ints{} : tensor->ToInts();
}

TEST(FoldConstantsTest, AViewByTheBatchBecomesFlatten) {
  const Network network = Graph({kDynamic, 64, 1, 1})
                              .Constant("zero", Tensor::Ints({}, {0}))
                              .Constant("axes", List({0}))
                              .Add("Constant", {}, {"rest"}, {{"value", List({-1})}})
                              .Add("Shape", {"x"}, {"s"})
                              .Add("Gather", {"s", "zero"}, {"batch"}, {{"axis", int64_t{0}}})
                              .Add("Unsqueeze", {"batch", "axes"}, {"row"})
                              .Add("Concat", {"row", "rest"}, {"target"}, {{"axis", int64_t{0}}})
                              .Add("Reshape", {"x", "target"}, {"y"})
                              .Fold();
  ASSERT_THAT(Operations(network), ElementsAre("Flatten"));
  EXPECT_TRUE(network.initializers.empty());
  EXPECT_EQ(network.nodes[0].Int("axis", 0), 1);
}

TEST(FoldConstantsTest, AFixedBatchIsOpened) {
  Network network = Graph({1, 8, 2, 2})
                        .Constant("flat", List({1, 32}))
                        .Constant("groups", List({1, 2, 4, -1}))
                        .Add("Reshape", {"x", "groups"}, {"g"})
                        .Add("Reshape", {"g", "flat"}, {"y"})
                        .Fold();
  ASSERT_THAT(Operations(network), ElementsAre("Reshape", "Flatten"));
  EXPECT_THAT(IntsOf(network, network.nodes[0].inputs[1]), ElementsAre(0, 2, 4, 4));
  EXPECT_EQ(InferShapes(network, 16)->at("y").shape, (Shape{16, 32}));
}

TEST(FoldConstantsTest, SplitByNumberOfPartsGetsSizes) {
  const Network network =
      Graph({kDynamic, 7})
          .Add("Split", {"x"}, {"a", "b"}, {{"axis", int64_t{1}}, {"num_outputs", int64_t{2}}})
          .Add("Concat", {"b", "a"}, {"y"}, {{"axis", int64_t{1}}})
          .Fold();
  ASSERT_EQ(network.nodes[0].inputs.size(), 2u);
  EXPECT_THAT(IntsOf(network, network.nodes[0].inputs[1]), ElementsAre(4, 3));
  EXPECT_FALSE(network.nodes[0].attributes.contains("num_outputs"));
}

TEST(FoldConstantsTest, AMissingInputIsAnError) {
  const Graph graph =
      Graph({kDynamic, 7}).Add("Concat", {"x", "", "x"}, {"y"}, {{"axis", int64_t{1}}});
  EXPECT_THAT(FoldConstants(graph.network()).error().message, HasSubstr("input 1 is missing"));
}

TEST(FoldConstantsTest, StaticEntriesOfAShapeFoldThoughTheBatchIsOpen) {
  // channel shuffle: [N,8,4,4] -> [N,2,C/2,4,4]
  const Network network =
      Graph({kDynamic, 8, 4, 4})
          .Constant("from1", List({1}))
          .Constant("to2", List({2}))
          .Constant("from0", List({0}))
          .Constant("from2", List({2}))
          .Constant("to4", List({4}))
          .Constant("two", List({2}))
          .Add("Shape", {"x"}, {"s"})
          .Add("Slice", {"s", "from0", "from1"}, {"n"})
          .Add("Slice", {"s", "from1", "to2"}, {"c"})
          .Add("Slice", {"s", "from2", "to4"}, {"hw"})
          .Add("Div", {"c", "two"}, {"half"})
          .Add("Cast", {"half"}, {"half32"}, {{"to", int64_t{6}}})
          .Add("Cast", {"half32"}, {"half64"}, {{"to", int64_t{7}}})
          .Add("Concat", {"n", "two", "half64", "hw"}, {"t"}, {{"axis", int64_t{0}}})
          .Add("Reshape", {"x", "t"}, {"y"})
          .Fold();
  ASSERT_THAT(Operations(network), ElementsAre("Reshape"));
  EXPECT_THAT(IntsOf(network, network.nodes[0].inputs[1]), ElementsAre(0, 2, 4, 4, 4));
  EXPECT_EQ(InferShapes(network, 3)->at("y").shape, (Shape{3, 2, 4, 4, 4}));
}

TEST(FoldConstantsTest, AShapeThatNeedsTheBatchStays) {
  const Network network = Graph({kDynamic, 8})
                              .Constant("two", List({2, 2}))
                              .Add("Shape", {"x"}, {"s"})
                              .Add("Mul", {"s", "two"}, {"twice"})
                              .Add("ConstantOfShape", {"twice"}, {"y"})
                              .Fold();
  EXPECT_THAT(Operations(network), ElementsAre("Shape", "Mul", "ConstantOfShape"));
  EXPECT_EQ(InferShapes(network, 3)->at("y").shape, (Shape{6, 16}));
}

TEST(FoldConstantsTest, TwoUnknownDimensionsAreNotMixedUp) {
  // Height takes the batch's place: neither 0 nor Flatten would say that.
  const Network network = Graph({kDynamic, 8, kDynamic, 1})
                              .Constant("zero", List({0}))
                              .Constant("two", List({2}))
                              .Constant("rest", List({-1}))
                              .Add("Shape", {"x"}, {"s"})
                              .Add("Gather", {"s", "two"}, {"height"})
                              .Add("Concat", {"height", "rest"}, {"t"}, {{"axis", int64_t{0}}})
                              .Add("Reshape", {"x", "t"}, {"y"})
                              .Fold();
  EXPECT_EQ(network.nodes.back().op, "Reshape");
  EXPECT_EQ(network.nodes.size(), 4u);
}

TEST(FoldConstantsTest, PadListsOfPyTorchFold) {
  // The shortcut of the CIFAR ResNets: pads written last axis first, turned by Slice and Transpose.
  const int64_t low = std::numeric_limits<int64_t>::min() + 1;
  const Network network = Graph({kDynamic, 16, 8, 8})
                              .Constant("pairs", List({0, 0, 0, 0, 8, 4}))
                              .Constant("two", List({2}))
                              .Constant("rows", List({-1, 2}))
                              .Constant("last", List({-1}))
                              .Constant("low", List({low}))
                              .Constant("axis", List({0}))
                              .Constant("step", List({-1}))
                              .Constant("flat", List({-1}))
                              .Add("ConstantOfShape", {"two"}, {"zeros"}, {{"value", List({0})}})
                              .Add("Concat", {"pairs", "zeros"}, {"all"}, {{"axis", int64_t{0}}})
                              .Add("Reshape", {"all", "rows"}, {"table"})
                              .Add("Slice", {"table", "last", "low", "axis", "step"}, {"turned"})
                              .Add("Transpose", {"turned"}, {"t"}, {{"perm", Ints{1, 0}}})
                              .Add("Reshape", {"t", "flat"}, {"f"})
                              .Add("Cast", {"f"}, {"pads"}, {{"to", int64_t{7}}})
                              .Add("Pad", {"x", "pads"}, {"y"})
                              .Fold();
  ASSERT_THAT(Operations(network), ElementsAre("Pad"));
  EXPECT_THAT(IntsOf(network, network.nodes[0].inputs[1]), ElementsAre(0, 8, 0, 0, 0, 4, 0, 0));
}

TEST(FoldConstantsTest, ComputesWithBroadcastNumbers) {
  const Network network = Graph({2, 3})
                              .Constant("column", Tensor::Floats({2, 1}, {1, 4}))
                              .Constant("row", Tensor::Floats({3}, {1, 2, 3}))
                              .Constant("mask", Tensor(DataType::kBool, {3},
                                                       {std::byte{1}, std::byte{0}, std::byte{1}}))
                              .Add("Sqrt", {"column"}, {"roots"})
                              .Add("Sub", {"roots", "row"}, {"d"})
                              .Add("Where", {"mask", "d", "row"}, {"w"})
                              .Add("Mul", {"x", "w"}, {"y"})
                              .Fold();
  ASSERT_THAT(Operations(network), ElementsAre("Mul"));
  EXPECT_THAT(network.Initializer("w")->ToFloats(), ElementsAre(0, 2, -2, 1, 2, -1));
}

// What was read can be written and read again: an Expand whose target is known only behind an
// Identity, and does not fit.
TEST(FoldConstantsTest, WhatDoesNotFitOnceItIsFoldedIsRefusedAtOnce) {
  const Network network = Graph({3})
                              .Constant("zeros", List({0, 0}))
                              .Add("Identity", {"zeros", "x"}, {"target"})
                              .Add("Expand", {"x", "target"}, {"y"})
                              .network();
  ASSERT_TRUE(InferShapes(network, 1));
  const auto folded = FoldConstants(network);
  ASSERT_FALSE(folded);
  EXPECT_EQ(folded.error().kind, ErrorKind::kModel);
  EXPECT_THAT(folded.error().message, HasSubstr("Expand node 'node_y'"));
  EXPECT_THAT(folded.error().message, HasSubstr("do not broadcast"));
}

TEST(FoldConstantsTest, SplitGatherRangeAndExpandMoveElements) {
  const Network network = Graph({2, 2, 3})
                              .Constant("table", Tensor::Ints({2, 3}, {1, 2, 3, 4, 5, 6}))
                              .Constant("picks", List({2, -3}))
                              .Constant("shape", List({2, 2, 2}))
                              .Constant("a", Tensor::Ints({}, {5}))
                              .Constant("b", Tensor::Ints({}, {0}))
                              .Constant("c", Tensor::Ints({}, {-2}))
                              .Add("Gather", {"table", "picks"}, {"g"}, {{"axis", int64_t{1}}})
                              .Add("Split", {"g"}, {"first", "second"}, {{"axis", int64_t{0}}})
                              .Add("Expand", {"second", "shape"}, {"wide"})
                              .Add("Range", {"a", "b", "c"}, {"range"})
                              .Add("Gather", {"x", "wide"}, {"u"}, {{"axis", int64_t{2}}})
                              .Add("Gather", {"u", "first"}, {"v"}, {{"axis", int64_t{1}}})
                              .Add("Gather", {"v", "range"}, {"y"}, {{"axis", int64_t{0}}})
                              .Fold();
  EXPECT_EQ(network.nodes.size(), 3u);
  EXPECT_THAT(IntsOf(network, "first"), ElementsAre(3, 1));
  EXPECT_THAT(IntsOf(network, "wide"), ElementsAre(6, 4, 6, 4, 6, 4, 6, 4));
  EXPECT_THAT(IntsOf(network, "range"), ElementsAre(5, 3, 1));
}

TEST(FoldConstantsTest, ResizeToSizesBecomesScales) {
  const Network network = Graph({kDynamic, 8, 4, 4})
                              .Constant("from", List({0}))
                              .Constant("to", List({2}))
                              .Constant("size", List({8, 6}))
                              .Add("Shape", {"x"}, {"s"})
                              .Add("Slice", {"s", "from", "to"}, {"nc"})
                              .Add("Concat", {"nc", "size"}, {"sizes"}, {{"axis", int64_t{0}}})
                              .Add("Resize", {"x", "", "", "sizes"}, {"y"}, {{"mode", "nearest"}})
                              .Fold();
  ASSERT_THAT(Operations(network), ElementsAre("Resize"));
  ASSERT_EQ(network.nodes[0].inputs.size(), 3u);
  EXPECT_THAT(network.Initializer(network.nodes[0].inputs[2])->ToFloats(),
              ElementsAre(1, 1, 2, 1.5f));
}

TEST(FoldConstantsTest, DropsNodesThatDoNothingAndKeepsTheOutputsName) {
  const Network network = Graph({kDynamic, 8})
                              .Add("Identity", {"x"}, {"a"})
                              .Add("Relu", {"a"}, {"b"})
                              .Add("Dropout", {"b"}, {"c"})
                              .Add("Cast", {"c"}, {"d"}, {{"to", int64_t{1}}})
                              .Add("Identity", {"d"}, {"y"})
                              .Fold();
  ASSERT_THAT(Operations(network), ElementsAre("Relu"));
  EXPECT_THAT(network.nodes[0].inputs, ElementsAre("x"));
  EXPECT_THAT(network.nodes[0].outputs, ElementsAre("y"));
}

TEST(FoldConstantsTest, KeepsAnIdentityBetweenInputAndOutput) {
  const Network network = Graph({kDynamic, 8}).Add("Identity", {"x"}, {"y"}).Fold();
  EXPECT_THAT(Operations(network), ElementsAre("Identity"));
}

TEST(FoldConstantsTest, KeepsADropoutWhoseMaskIsRead) {
  const Network network = Graph({kDynamic, 8})
                              .Add("Dropout", {"x"}, {"a", "mask"})
                              .Add("Where", {"mask", "a", "x"}, {"y"})
                              .Fold();
  EXPECT_THAT(Operations(network), ElementsAre("Dropout", "Where"));
}

TEST(FoldConstantsTest, QuantizedWeightsStayQuantized) {
  const Network network = Graph({kDynamic, 2})
                              .Constant("q", Tensor::Int8s({2, 2}, {1, 2, 3, 4}))
                              .Constant("scale", Tensor::Scalar(0.5f))
                              .Add("DequantizeLinear", {"q", "scale"}, {"w"})
                              .Add("MatMul", {"x", "w"}, {"y"})
                              .Fold();
  EXPECT_THAT(Operations(network), ElementsAre("DequantizeLinear", "MatMul"));
}

TEST(FoldConstantsTest, NamesTheNodeThatDoesNotFit) {
  const Graph graph = Graph({kDynamic, 3})
                          .Constant("w", Tensor::Floats({4, 1}, {1, 2, 3, 4}))
                          .Add("MatMul", {"x", "w"}, {"y"});
  const auto folded = FoldConstants(graph.network());
  ASSERT_FALSE(folded);
  EXPECT_THAT(folded.error().message, HasSubstr("'node_y'"));
}

TEST(FoldConstantsTest, AnIndexOutOfRangeIsAnError) {
  const Graph graph = Graph({4})
                          .Constant("w", Tensor::Floats({2}, {1, 2}))
                          .Constant("i", List({2}))
                          .Add("Gather", {"w", "i"}, {"g"})
                          .Add("Add", {"x", "g"}, {"y"});
  EXPECT_FALSE(FoldConstants(graph.network()));
}

// Elements of all initializers.
int64_t Held(const Network& network) {
  int64_t held = 0;
  for (const auto& [name, tensor] : network.initializers) held += tensor.count();
  return held;
}

// Twenty values of 2^20 elements each, made of nothing: not all become initializers.
TEST(FoldConstantsTest, ConstantsMadeOfNothingAreBoundedTogether) {
  constexpr int kNodes = 20;
  Graph graph({1});
  graph.Constant("size", List({int64_t{1} << 20}));
  std::string sum = "x";
  for (int i = 0; i < kNodes; ++i) {
    const std::string made = "made" + std::to_string(i);
    graph.Add("ConstantOfShape", {"size"}, {made});
    const std::string next = i + 1 == kNodes ? "y" : "sum" + std::to_string(i);
    graph.Add("Add", {sum, made}, {next});
    sum = next;
  }
  const Network network = graph.Fold();
  EXPECT_GT(Held(network), int64_t{1} << 20);  // some do
  EXPECT_LE(Held(network), int64_t{1} << 24);
}

TEST(FoldConstantsTest, AConstantThatDoublesIsBounded) {
  Graph graph({1});
  graph.Constant("c0", Tensor::Floats({1}, {1}));
  for (int i = 0; i < 40; ++i) {
    const std::string from = "c" + std::to_string(i);
    graph.Add("Concat", {from, from}, {"c" + std::to_string(i + 1)}, {{"axis", int64_t{0}}});
  }
  graph.Add("Add", {"x", "c40"}, {"y"});
  EXPECT_LE(Held(graph.Fold()), int64_t{1} << 24);
}

// A large weight may still be turned, as a model of half floats or another layout needs.
TEST(FoldConstantsTest, WeightsOfTheFileAreComputedWithHoweverLarge) {
  constexpr int64_t kSide = 3000;
  const Network network =
      Graph({kDynamic, kSide})
          .Constant("w", Tensor::Floats({kSide, kSide}, std::vector<float>(kSide * kSide, 1.0f)))
          .Add("Transpose", {"w"}, {"t"})
          .Add("MatMul", {"x", "t"}, {"y"})
          .Fold();
  EXPECT_THAT(Operations(network), ElementsAre("MatMul"));
}

}  // namespace
}  // namespace nacre
