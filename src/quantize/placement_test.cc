#include "quantize/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "graph/builder.h"

namespace nacre::quantize_internal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

NetworkBuilder Start() { return NetworkBuilder("net", "image", {kDynamic, 3, 8, 8}, Random(1)); }

// A node that the builder has no call for. Returns its output.
std::string Append(Network& network, const std::string& op, std::vector<std::string> inputs,
                   const std::string& output) {
  Node node;
  node.name = output + "_node";
  node.op = op;
  node.inputs = std::move(inputs);
  node.outputs = {output};
  network.nodes.push_back(node);
  return output;
}

TEST(Placement, QuantisesBehindTheActivationNotBeforeIt) {
  NetworkBuilder builder = Start();
  const auto conv = builder.Conv("image", {.out = 4});
  const auto relu = builder.Activation(conv, "Relu");
  const auto next = builder.Conv(relu, {.out = 4});
  const Network network = std::move(builder).Finish(next, "out");
  EXPECT_THAT(QuantizedValues(network, {}), ElementsAre("image", relu));
}

TEST(Placement, BothInputsOfAResidualAddAndNothingTwice) {
  NetworkBuilder builder = Start();
  const auto stem = builder.Activation(builder.Conv("image", {.out = 4}), "Relu");
  const auto inner = builder.Activation(builder.Conv(stem, {.out = 4}), "Relu");
  const auto branch = builder.Conv(inner, {.out = 4});
  const auto sum = builder.Activation(builder.Add(branch, stem), "Relu");
  const Network network = std::move(builder).Finish(builder.Conv(sum, {.out = 4}), "out");
  EXPECT_THAT(QuantizedValues(network, {}), ElementsAre("image", stem, inner, branch, sum));
}

TEST(Placement, AnAddOfTwoInputsThatNothingQuantisedFeedsStaysFloat) {
  NetworkBuilder builder = Start();
  const auto sum = builder.Add("image", "image");
  const Network network = std::move(builder).Finish(sum, "out");
  EXPECT_THAT(QuantizedValues(network, {}), IsEmpty());
}

TEST(Placement, MovesCarryBytesSoTheirSourceIsQuantised) {
  NetworkBuilder builder = Start();
  const auto relu = builder.Activation(builder.Conv("image", {.out = 4}), "Relu");
  const auto pool = builder.MaxPool(relu, 2, 2);
  const auto flat = builder.Flatten(pool);
  const Network network = std::move(builder).Finish(builder.Linear(flat, 5), "out");
  EXPECT_THAT(QuantizedValues(network, {}), ElementsAre("image", relu));
}

TEST(Placement, TheStridedSliceAndZeroPadShortcutMovesBytes) {
  NetworkBuilder builder = Start();
  const auto stem = builder.Activation(builder.Conv("image", {.out = 4}), "Relu");
  const auto branch = builder.Conv(stem, {.out = 4});
  Network network = std::move(builder).Finish(branch, "branch");
  network.initializers["pads"] = Tensor::Ints({8}, {0, 0, 0, 0, 0, 0, 0, 0});
  network.initializers["zero"] = Tensor::Scalar(0);
  Append(network, "Pad", {stem, "pads", "zero"}, "shortcut");
  Append(network, "Add", {"branch", "shortcut"}, "sum");
  network.outputs = {{"sum", DataType::kFloat, {}}};
  EXPECT_THAT(QuantizedValues(network, {}), ElementsAre("image", stem, "branch"));

  network.initializers["zero"] = Tensor::Scalar(-3);  // not in the range of a ReLU
  EXPECT_THAT(QuantizedValues(network, {}), ElementsAre("image", stem, "branch", "shortcut"));
}

TEST(Placement, ConcatSharesOneRange) {
  NetworkBuilder builder = Start();
  const auto a = builder.Activation(builder.Conv("image", {.out = 4}), "Relu");
  const auto b = builder.Activation(builder.Conv("image", {.out = 4}), "Relu");
  Network network = std::move(builder).Finish(builder.Add(a, b), "both");
  network.nodes.back().op = "Concat";
  network.nodes.back().attributes["axis"] = int64_t{1};
  network.initializers["w"] = Tensor::Floats({2, 8, 1, 1}, std::vector<float>(16, 1.0f));
  Append(network, "Conv", {"both", "w"}, "out");
  network.outputs = {{"out", DataType::kFloat, {}}};
  const Placement placement = Place(network, {});
  EXPECT_THAT(placement.values, ElementsAre("image", a, b));
  EXPECT_EQ(placement.group.at(a), placement.group.at(b));
  EXPECT_NE(placement.group.at(a), placement.group.at("image"));
}

TEST(Placement, ThePoolingHeadReadsBytes) {
  NetworkBuilder builder = Start();
  const auto relu = builder.Activation(builder.Conv("image", {.out = 4}), "Relu");
  const auto pooled = builder.GlobalAveragePool(relu);
  const auto logits = builder.Linear(builder.Flatten(pooled), 5);
  const Network network = std::move(builder).Finish(logits, "out");
  EXPECT_THAT(QuantizedValues(network, {}), ElementsAre("image", relu, pooled));
}

TEST(Placement, KeepFloatTakesANodeOutByNameOrOutput) {
  NetworkBuilder builder = Start();
  const auto first = builder.Conv("image", {.out = 4});
  const auto second = builder.Conv(first, {.out = 4});
  const Network network = std::move(builder).Finish(second, "out");
  QuantizeOptions options;
  options.keep_float = {first};
  EXPECT_THAT(QuantizedValues(network, options), ElementsAre(first));
  options.keep_float = {network.nodes[0].name};
  EXPECT_THAT(QuantizedValues(network, options), ElementsAre(first));
}

TEST(Placement, GemmChannelsFollowTransB) {
  Network network;
  network.inputs = {{"x", DataType::kFloat, {kDynamic, 2}}};
  network.outputs = {{"y", DataType::kFloat, {kDynamic, 2}}};
  network.initializers["w"] = Tensor::Floats({2, 2}, {1, 2, 3, 4});
  Append(network, "Gemm", {"x", "w"}, "y");
  EXPECT_EQ(Place(network, {}).weighted.at(0).axis, 1);
  network.nodes[0].attributes["transB"] = int64_t{1};
  EXPECT_EQ(Place(network, {}).weighted.at(0).axis, 0);
  network.nodes[0].attributes["alpha"] = 0.5f;  // would have to be folded into the scales
  EXPECT_THAT(Place(network, {}).weighted, IsEmpty());
}

TEST(Placement, OpaqueNodesAreLeftAlone) {
  NetworkBuilder builder = Start();
  const auto conv = builder.Conv("image", {.out = 4});
  Network network = std::move(builder).Finish(conv, "out");
  network.nodes[0].frozen_reason = "test";
  EXPECT_THAT(QuantizedValues(network, {}), IsEmpty());
}

TEST(Placement, KnowsWhatCannotBeNegative) {
  NetworkBuilder builder = Start();
  const auto conv = builder.Conv("image", {.out = 4});
  const auto relu = builder.Activation(conv, "Relu");
  const auto pool = builder.MaxPool(relu, 2, 2);
  const Network network = std::move(builder).Finish(pool, "out");
  EXPECT_TRUE(IsNonNegative(network, "out"));
  EXPECT_TRUE(IsNonNegative(network, relu));
  EXPECT_FALSE(IsNonNegative(network, conv));
  EXPECT_FALSE(IsNonNegative(network, "image"));
}

}  // namespace
}  // namespace nacre::quantize_internal
