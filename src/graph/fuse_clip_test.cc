#include <gtest/gtest.h>

#include "graph/simplify.h"

namespace nacre {
namespace {

// What `nodes` on x, with the numbers zero and six, are after folding.
Network Folded(std::vector<Node> nodes, Shape shape_of_numbers = {}) {
  Network network{.name = "net"};
  network.inputs = {{"x", DataType::kFloat, {kDynamic, 4}}};
  network.outputs = {{"y", DataType::kFloat, {kDynamic, 4}}};
  network.nodes = std::move(nodes);
  network.initializers["zero"] = Tensor::Floats(shape_of_numbers, {0});
  network.initializers["six"] = Tensor::Floats(shape_of_numbers, {6});
  return FoldConstants(network).value();
}

void ExpectRelu6(const Network& network) {
  ASSERT_EQ(network.nodes.size(), 1u);
  const Node& clip = network.nodes[0];
  EXPECT_EQ(clip.op, "Clip");
  EXPECT_EQ(clip.inputs.at(0), "x");
  EXPECT_EQ(network.initializers.at(clip.inputs.at(1)).ToFloats()[0], 0);
  EXPECT_EQ(network.initializers.at(clip.inputs.at(2)).ToFloats()[0], 6);
}

TEST(FuseClips, ReluSixAsMaxAndMin) {
  ExpectRelu6(Folded({{.op = "Max", .inputs = {"x", "zero"}, .outputs = {"a"}},
                      {.op = "Min", .inputs = {"six", "a"}, .outputs = {"y"}}}));
  ExpectRelu6(Folded({{.op = "Min", .inputs = {"x", "six"}, .outputs = {"a"}},
                      {.op = "Max", .inputs = {"a", "zero"}, .outputs = {"y"}}},
                     {1}));
}

TEST(FuseClips, ReluAndMinWithNumbersThatAreMadeLikeTheData) {
  ExpectRelu6(Folded({{.op = "CastLike", .inputs = {"six", "x"}, .outputs = {"s"}},
                      {.op = "Relu", .inputs = {"x"}, .outputs = {"a"}},
                      {.op = "Min", .inputs = {"a", "s"}, .outputs = {"y"}}}));
}

TEST(FuseClips, WhatSomethingElseReadsStays) {
  const Network network = Folded({{.op = "Max", .inputs = {"x", "zero"}, .outputs = {"a"}},
                                  {.op = "Min", .inputs = {"six", "a"}, .outputs = {"b"}},
                                  {.op = "Add", .inputs = {"a", "b"}, .outputs = {"y"}}});
  EXPECT_EQ(network.nodes.size(), 3u);
}

TEST(FuseClips, NumbersThatAddAxesStay) {
  Network network = Folded({{.op = "Max", .inputs = {"x", "zero"}, .outputs = {"a"}},
                            {.op = "Min", .inputs = {"six", "a"}, .outputs = {"y"}}},
                           {1, 1, 1});
  EXPECT_EQ(network.nodes.size(), 2u);
}

}  // namespace
}  // namespace nacre
