#include "graph/core.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "graph/test_networks.h"

namespace nacre::graph_internal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> OperationsOf(const Network& network) {
  std::vector<std::string> operations;
  for (const Node& node : network.nodes) operations.push_back(node.op);
  return operations;
}

int Count(const Network& network, const std::string& op) {
  const auto operations = OperationsOf(network);
  return static_cast<int>(std::count(operations.begin(), operations.end(), op));
}

TEST(Core, ANetworkInNormalFormIsItsOwnCore) {
  const Network network = CifarResNet(1);
  const auto core = FindCore(network);
  ASSERT_TRUE(core) << core.error().message;
  EXPECT_TRUE(core->whole);
  EXPECT_EQ(core->classes, 10);
  EXPECT_EQ(StructuralHash(core->network, true), StructuralHash(network, true));
  EXPECT_EQ(StructuralHash(Embed(*core, core->network), true), StructuralHash(network, true));
}

TEST(Core, EndsBeforeSoftmaxAndArgMax) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string logits = net.Head(net.Conv("x", 3, 8), 8, 10);
  const std::string probabilities = net.Node("Softmax", {logits}, {{"axis", int64_t{1}}});
  const Network network = std::move(net).Finish(probabilities);
  const auto core = FindCore(network);
  ASSERT_TRUE(core) << core.error().message;
  EXPECT_EQ(core->network.outputs[0].name, logits);
  EXPECT_EQ(core->classes, 10);
  EXPECT_EQ(Count(core->network, "Softmax"), 0);
  const Network whole = Embed(*core, core->network);
  EXPECT_EQ(whole.outputs[0].name, probabilities);
  EXPECT_EQ(OperationsOf(whole), OperationsOf(network));
}

TEST(Core, ClassesInFourDimensionsBecomeRows) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string map = net.Node("GlobalAveragePool", {net.Conv("x", 3, 5)});
  const Network network = std::move(net).Finish(map, {kDynamic, 5, 1, 1});
  const auto core = FindCore(network);
  ASSERT_TRUE(core) << core.error().message;
  EXPECT_EQ(core->classes, 5);
  EXPECT_THAT(core->network.outputs[0].shape, ElementsAre(kDynamic, 5));
  const Network whole = Embed(*core, core->network);
  EXPECT_EQ(whole.outputs[0].name, map);
  EXPECT_TRUE(Verify(whole));
}

TEST(Core, ChannelsLastImagesAreFedChannelsFirst) {
  Sketch net({kDynamic, 8, 8, 3});
  using Many = std::vector<int64_t>;
  const std::string scaled = net.Node("Mul", {"x", net.Vector(3)});
  const std::string x = net.Node("Transpose", {scaled}, {{"perm", Many{0, 3, 1, 2}}});
  const std::string logits = net.Head(net.Conv(x, 3, 8), 8, 10);
  const auto core = FindCore(std::move(net).Finish(logits));
  ASSERT_TRUE(core) << core.error().message;
  EXPECT_TRUE(core->input.channels_last);
  EXPECT_THAT(core->network.inputs[0].shape, ElementsAre(kDynamic, 3, 8, 8));
  EXPECT_EQ(Count(core->network, "Transpose"), 0);  // the two have met behind the Mul
  const Network whole = Embed(*core, core->network);
  EXPECT_EQ(whole.inputs[0].name, "x");
  EXPECT_EQ(Count(whole, "Transpose"), 1);
  EXPECT_TRUE(Verify(whole));
}

TEST(Core, IntegersAreCastBeforeTheCore) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string x = net.Node("Cast", {"x"}, {{"to", int64_t{1}}});
  const std::string logits = net.Head(net.Conv(x, 3, 8), 8, 10);
  Network network = std::move(net).Finish(logits);
  network.inputs[0].type = DataType::kUint8;
  const auto core = FindCore(network);
  ASSERT_TRUE(core) << core.error().message;
  EXPECT_EQ(core->input.type, DataType::kUint8);
  EXPECT_EQ(core->network.inputs[0].type, DataType::kFloat);
  EXPECT_EQ(Embed(*core, core->network).inputs[0].type, DataType::kUint8);
}

// Images of int8 that a DequantizeLinear reads, and a pair of quantizers behind the convolution.
Network QuantizedOfIntegers() {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string scale = net.Constant(Tensor::Scalar(0.5f));
  const std::string zero = net.Constant(Tensor::Int8s({}, {-128}));
  const std::string x = net.Node("DequantizeLinear", {"x", scale, zero});
  const std::string y = net.Conv(x, 3, 8);
  const std::string q = net.Node("QuantizeLinear", {y, scale, zero});
  const std::string d = net.Node("DequantizeLinear", {q, scale, zero});
  Network network = std::move(net).Finish(net.Head(d, 8, 10));
  network.inputs[0].type = DataType::kInt8;
  return network;
}

TEST(Core, AQuantizedNetworkOfIntegersIsFedFloatsAndStaysQuantized) {
  const Network network = QuantizedOfIntegers();
  const auto core = FindCore(network, {.only_trainable = false, .dequantize = false});
  ASSERT_TRUE(core) << core.error().message;
  EXPECT_EQ(core->input.type, DataType::kInt8);
  EXPECT_EQ(core->network.inputs[0].type, DataType::kFloat);
  EXPECT_EQ(core->classes, 10);
  EXPECT_EQ(Count(core->network, "QuantizeLinear"), 2) << "the image is rounded as it was";
  EXPECT_EQ(Count(core->network, "Sub"), 1);
  EXPECT_EQ(Count(core->network, "Mul"), 1);
}

TEST(Core, AQuantizedNetworkOfIntegersGoesOnInFloatsWhereItIsRebuilt) {
  const auto core = FindCore(QuantizedOfIntegers());
  ASSERT_TRUE(core) << core.error().message;
  EXPECT_EQ(Count(core->network, "QuantizeLinear"), 0);
  EXPECT_THAT(core->notes, testing::Contains(HasSubstr("quantized already")));
}

TEST(Core, WhatCannotBeTrainedStaysBehind) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string map = net.Relu(net.Conv("x", 3, 8));
  const std::string odd = net.Node("NonMaxSuppression", {map});
  Network network = std::move(net).Finish(odd, {kDynamic, 8, 8, 8});
  network.nodes.back().frozen_reason = "operation NonMaxSuppression is not known";
  const auto core = FindCore(network);
  ASSERT_TRUE(core) << core.error().message;
  EXPECT_EQ(core->classes, 0);
  EXPECT_EQ(core->network.outputs[0].name, map);
  EXPECT_THAT(core->notes, testing::Contains(HasSubstr("NonMaxSuppression is not known")));
  EXPECT_EQ(Embed(*core, core->network).nodes.back().op, "NonMaxSuppression");
}

TEST(Core, AnOutputThatIsNotThereIsNamedWithThoseThatAre) {
  const auto core = FindCore(CifarResNet(1), {.output = "boxes"});
  ASSERT_FALSE(core);
  EXPECT_EQ(core.error().kind, ErrorKind::kModel);
  EXPECT_THAT(core.error().message, HasSubstr("there is no output 'boxes'; the model has '"));
}

TEST(Core, AReplacementMustHaveItsEnds) {
  const auto core = FindCore(CifarResNet(1));
  ASSERT_TRUE(core);
  Network other = core->network;
  other.inputs[0].name = "other";
  EXPECT_THROW(Embed(*core, other), std::logic_error);
}

}  // namespace
// Two heads behind a trunk: classes through a Softmax, boxes through arithmetic and an NMS.
Network SketchDetector() {
  using Many = std::vector<int64_t>;
  Sketch net({kDynamic, 3, 8, 8});
  const std::string trunk = net.Relu(net.Conv("x", 3, 8));
  const auto rows = [&](const std::string& map, int64_t columns) {
    const std::string moved = net.Node("Transpose", {map}, {{"perm", Many{0, 2, 3, 1}}});
    return net.Node("Reshape", {moved, net.Ints({0, -1, columns})});
  };
  const std::string classes = rows(net.Conv(trunk, 8, 3, 1), 3);
  const std::string codes = rows(net.Conv(trunk, 8, 4, 1), 4);
  const std::string scores = net.Node("Softmax", {classes}, {{"axis", int64_t{2}}});
  const std::string boxes = net.Node("Exp", {codes});
  const std::string by_class = net.Node("Transpose", {scores}, {{"perm", Many{0, 2, 1}}});
  const std::string chosen = net.Node("NonMaxSuppression", {boxes, by_class, net.Ints({9})});
  Network network = std::move(net).Finish(chosen, {kDynamic, 3});
  network.outputs[0].type = DataType::kInt64;
  for (Node& node : network.nodes) {
    if (node.op == "NonMaxSuppression") node.frozen_reason = "it cannot be trained";
  }
  return network;
}

TEST(Core, EndsAtTheHeadsOfADetector) {
  const Network network = SketchDetector();
  const auto core = FindCore(network, {.heads = true});
  ASSERT_TRUE(core) << core.error().message;
  ASSERT_EQ(core->network.outputs.size(), 2U);
  EXPECT_EQ(core->classes, 0);
  EXPECT_EQ(Count(core->network, "Conv"), 3);
  EXPECT_EQ(Count(core->network, "Reshape"), 2) << "rows of boxes belong to the heads";
  EXPECT_EQ(Count(core->network, "Softmax"), 0);
  EXPECT_EQ(Count(core->network, "Exp"), 0);
  const auto tail = TailOf(*core);
  ASSERT_TRUE(tail) << tail.error().message;
  EXPECT_EQ(tail->inputs.size(), 2U);
  EXPECT_THAT(OperationsOf(*tail), ElementsAre("Softmax", "Exp", "Transpose", "NonMaxSuppression"));
  EXPECT_EQ(tail->outputs[0].name, network.outputs[0].name);
  const Network whole = Embed(*core, core->network);
  EXPECT_TRUE(Verify(whole));
  EXPECT_EQ(Count(whole, "NonMaxSuppression"), 1);
}

TEST(Core, RawHeadsHaveNoTail) {
  Network network = SketchDetector();
  const Node& softmax = *std::find_if(network.nodes.begin(), network.nodes.end(),
                                      [](const Node& node) { return node.op == "Softmax"; });
  network.outputs = {{.name = softmax.inputs[0], .shape = {kDynamic, 64, 3}}};
  RemoveDead(network);
  const auto core = FindCore(network, {.heads = true});
  ASSERT_TRUE(core) << core.error().message;
  const auto tail = TailOf(*core);
  ASSERT_TRUE(tail) << tail.error().message;
  EXPECT_TRUE(tail->nodes.empty());
}

}  // namespace nacre::graph_internal
