#include "graph/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "graph/shapes.h"
#include "graph/test_networks.h"

namespace nacre {
namespace {

using namespace graph_internal;

TEST(Operations, EveryUnderstoodOperationHasOneRow) {
  std::set<std::string> rows;
  for (const OperationTraits& traits : KnownOperations()) {
    EXPECT_TRUE(rows.insert(traits.op).second) << traits.op << " has two rows";
    EXPECT_EQ(&TraitsOf(traits.op), &traits);
  }
  for (const std::string& op : UnderstoodOperations()) {
    EXPECT_TRUE(rows.contains(op)) << op << " has a shape rule and no row";
  }
}

TEST(Operations, NothingIsPromisedOfAnUnknownOne) {
  const OperationTraits& traits = TraitsOf("NonMaxSuppression");
  EXPECT_STREQ(traits.op, "");
  EXPECT_EQ(traits.channels, ChannelCoupling::kMixes);
  EXPECT_EQ(traits.quantization, Quantization::kFloat);
  EXPECT_FALSE(traits.has_gradient);
  EXPECT_FALSE(traits.trainable);
}

// The shapes of a node with one data input [2, 4, 6, 6], with what further inputs it asks for.
Expected<std::map<std::string, Value>> ShapesOf(const std::string& op) {
  Sketch net({2, 4, 6, 6});
  std::vector<std::string> inputs = {"x"};
  std::map<std::string, Attribute> attributes;
  const ChannelCoupling channels = TraitsOf(op).channels;
  if (channels == ChannelCoupling::kBroadcasts) {
    inputs.push_back(net.Constant(Tensor::Floats({4, 1, 1}, {1, 2, 3, 4})));
    if (op == "Where") inputs.push_back(inputs.back());
  }
  if (op == "CastLike") inputs.push_back(net.Vector(1));
  if (channels == ChannelCoupling::kPerChannel) {
    for (int i = 0; i < (op == "BatchNormalization" ? 4 : 2); ++i) inputs.push_back(net.Vector(4));
  }
  if (op.ends_with("Pool")) attributes["kernel_shape"] = std::vector<int64_t>{2, 2};
  if (op == "Cast") attributes["to"] = static_cast<int64_t>(DataType::kFloat16);
  const std::string y = net.Node(op, inputs, attributes);
  return InferShapes(std::move(net).Finish(y), 2);
}

TEST(Operations, ThoseThatPassChannelsKeepTheirNumber) {
  using enum ChannelCoupling;
  int checked = 0;
  for (const std::string& op : UnderstoodOperations()) {
    const ChannelCoupling channels = TraitsOf(op).channels;
    if (channels != kPasses && channels != kBroadcasts && channels != kPerChannel) continue;
    const auto shapes = ShapesOf(op);
    ASSERT_TRUE(shapes) << shapes.error().message;
    EXPECT_EQ(shapes->at(op + "0_out").shape[1], 4) << op;
    ++checked;
  }
  EXPECT_GT(checked, 30);
}

TEST(Operations, ThoseThatWorkInPlaceKeepTheNumberOfElements) {
  using enum ChannelCoupling;
  for (const std::string& op : UnderstoodOperations()) {
    const OperationTraits& traits = TraitsOf(op);
    const bool plain = traits.channels == kPasses || traits.channels == kBroadcasts;
    if (!traits.in_place || !plain) continue;
    const auto shapes = ShapesOf(op);
    ASSERT_TRUE(shapes) << shapes.error().message;
    EXPECT_EQ(ElementCount(shapes->at(op + "0_out").shape), 2 * 4 * 6 * 6) << op;
  }
}

TEST(Operations, WhatHasInt8WeightsTrainsThem) {
  for (const OperationTraits& traits : KnownOperations()) {
    if (traits.quantization != Quantization::kWeighted) continue;
    EXPECT_EQ(traits.roles[1], ParameterRole::kWeight) << traits.op;
    EXPECT_NE(traits.kind, OperationKind::kOther) << traits.op;
    EXPECT_TRUE(traits.trainable && traits.has_gradient) << traits.op;
  }
}

}  // namespace
}  // namespace nacre
