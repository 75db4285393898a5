#include <gtest/gtest.h>

#include "graph/shapes.h"
#include "graph/simplify.h"

namespace nacre {
namespace {

std::vector<std::string> readings;  // of the network that was folded last

// The one node behind x [N, 1, side, side] after folding.
Node Folded(Node node, int64_t side, std::map<std::string, Tensor> initializers = {}) {
  Network network{.name = "net"};
  network.inputs = {{"x", DataType::kFloat, {kDynamic, 1, side, side}}};
  network.outputs = {{"y", DataType::kFloat, {kDynamic, 1, kDynamic, kDynamic}}};
  node.inputs.insert(node.inputs.begin(), "x");
  node.outputs = {"y"};
  network.nodes = {std::move(node)};
  network.initializers = std::move(initializers);
  const auto before = InferShapes(network, 1).value().at("y").shape;
  const Network folded = FoldConstants(network).value();
  EXPECT_EQ(InferShapes(folded, 1).value().at("y").shape, before);
  readings = folded.readings;
  return folded.nodes.at(0);
}

using Numbers = std::vector<int64_t>;

TEST(ExplicitPads, SameWithAKernelSmallerThanTheStrideHasNone) {
  const Node conv =
      Folded({.op = "Conv",
              .inputs = {"w"},
              .attributes = {{"auto_pad", std::string("SAME_UPPER")}, {"strides", Numbers{3, 3}}}},
             8, {{"w", Tensor::Floats({1, 1, 1, 1}, {1})}});
  EXPECT_EQ(conv.Ints("pads"), (Numbers{0, 0, 0, 0}));
  EXPECT_FALSE(conv.attributes.contains("auto_pad"));
  EXPECT_EQ(readings.size(), 1u) << "ONNX Runtime reads it otherwise";
}

TEST(ExplicitPads, UpperPutsTheOddOneBehindAndLowerBefore) {
  for (const auto& [mode, pads] : {std::pair("SAME_UPPER", Numbers{0, 0, 1, 1}),
                                   std::pair("SAME_LOWER", Numbers{1, 1, 0, 0})}) {
    const Node pool = Folded({.op = "MaxPool",
                              .attributes = {{"auto_pad", std::string(mode)},
                                             {"kernel_shape", Numbers{3, 3}},
                                             {"strides", Numbers{2, 2}}}},
                             8);
    EXPECT_EQ(pool.Ints("pads"), pads) << mode;
  }
}

TEST(ExplicitPads, WhatCeilModeAddsIsPaddingBehind) {
  const Node pool = Folded({.op = "MaxPool",
                            .attributes = {{"ceil_mode", int64_t{1}},
                                           {"kernel_shape", Numbers{3, 3}},
                                           {"strides", Numbers{2, 2}}}},
                           8);
  EXPECT_EQ(pool.Ints("pads"), (Numbers{0, 0, 1, 1}));
  EXPECT_FALSE(pool.attributes.contains("ceil_mode"));
  EXPECT_TRUE(readings.empty());
}

TEST(ExplicitPads, AWindowThatWouldBeginInThePaddingIsNotAdded) {
  const Node pool = Folded({.op = "MaxPool",
                            .attributes = {{"ceil_mode", int64_t{1}},
                                           {"kernel_shape", Numbers{2, 2}},
                                           {"strides", Numbers{2, 2}},
                                           {"pads", Numbers{1, 1, 1, 1}}}},
                           5);
  EXPECT_EQ(pool.Ints("pads"), (Numbers{1, 1, 1, 1}));
  EXPECT_FALSE(pool.attributes.contains("ceil_mode"));
  EXPECT_EQ(readings.size(), 1u) << "OpenVINO reads it otherwise";
}

TEST(ExplicitPads, AnAverageThatCountsItsPadsStays) {
  const Node pool = Folded({.op = "AveragePool",
                            .attributes = {{"ceil_mode", int64_t{1}},
                                           {"count_include_pad", int64_t{1}},
                                           {"kernel_shape", Numbers{3, 3}},
                                           {"strides", Numbers{2, 2}}}},
                           8);
  EXPECT_EQ(pool.Int("ceil_mode", 0), 1);
}

}  // namespace
}  // namespace nacre
