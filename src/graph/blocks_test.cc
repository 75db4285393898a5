#include "graph/blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/builder.h"
#include "graph/shapes.h"
#include "graph/test_networks.h"

namespace nacre {
namespace {

using namespace graph_internal;

using testing::ElementsAre;

std::vector<std::string> Kinds(const std::vector<Block>& blocks) {
  std::vector<std::string> kinds;
  for (const Block& block : blocks) kinds.push_back(block.kind);
  return kinds;
}

std::vector<std::string> Ops(const Network& network, const Block& block) {
  std::vector<std::string> ops;
  for (size_t i : block.nodes) ops.push_back(network.nodes[i].op);
  return ops;
}

void ExpectPartition(const Network& network, const std::vector<Block>& blocks) {
  std::vector<int> covered(network.nodes.size());
  int64_t macs = 0;
  for (size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_EQ(blocks[i].input, i == 0 ? network.inputs[0].name : blocks[i - 1].output);
    for (size_t node : blocks[i].nodes) ++covered[node];
    macs += blocks[i].macs;
  }
  EXPECT_EQ(blocks.back().output, network.outputs[0].name);
  EXPECT_THAT(covered, testing::Each(1));
  EXPECT_EQ(macs, CostOf(network)->macs);
}

TEST(CutPoints, AreTheValuesOutsideOfBranches) {
  Sketch net({1, 3, 8, 8});
  const std::string a = net.Conv("x", 3, 4), b = net.Relu(a), c = net.Conv(b, 4, 4);
  const std::string d = net.Node("Add", {b, c}), e = net.Relu(d);
  EXPECT_THAT(CutPoints(std::move(net).Finish(e, {1, 4, 8, 8})), ElementsAre("x", a, b, d, e));
}

TEST(CutPoints, IgnoreShapeChainsAndDeadNodes) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string batch = net.Node("Gather", {net.Node("Shape", {"x"}), net.Ints({0})});
  const std::string a = net.Conv("x", 3, 4), unused = net.Relu("x"), b = net.Relu(a);
  const std::string shape = net.Node("Concat", {batch, net.Ints({-1})}, {{"axis", int64_t{0}}});
  const std::string c = net.Node("Reshape", {b, shape});
  Network network = std::move(net).Finish(c, {kDynamic, 256});
  Node dead;
  dead.op = "Relu";
  dead.inputs = {"x"};
  dead.outputs = {"dead"};
  network.nodes.insert(network.nodes.begin(), dead);
  EXPECT_THAT(CutPoints(network), ElementsAre("x", a, b, c));
}

TEST(FindBlocks, WhatLeadsToSeveralOutputsIsATail) {
  Sketch net({1, 3, 8, 8});
  const std::string trunk = net.Relu(net.Conv("x", 3, 8));
  const std::string left = net.Conv(trunk, 8, 4), right = net.Conv(trunk, 8, 2);
  const std::string joined = net.Node("Concat", {left, right}, {{"axis", int64_t{1}}});
  Network network = std::move(net).Finish(joined, {1, 6, 8, 8});
  network.outputs = {{left, DataType::kFloat, {1, 4, 8, 8}},
                     {right, DataType::kFloat, {1, 2, 8, 8}}};
  RemoveDead(network);
  EXPECT_EQ(CutPoints(network).back(), trunk);
  const auto blocks = FindBlocks(network);
  ASSERT_TRUE(blocks) << blocks.error().message;
  ASSERT_EQ(blocks->size(), 2u);
  EXPECT_EQ(blocks->at(0).output, trunk);
  EXPECT_TRUE(blocks->at(0).trainable);
  EXPECT_EQ(blocks->at(1).kind, "tail");
  EXPECT_FALSE(blocks->at(1).trainable);
  EXPECT_EQ(blocks->at(1).macs, 8 * 8 * 9 * 8 * 6);
  const Network tail = ExtractTail(network, trunk);
  EXPECT_EQ(tail.outputs.size(), 2u);
  EXPECT_EQ(tail.nodes.size(), 2u);
  ExpectPartition(network, *blocks);
}

TEST(FindBlocks, DividesResNet20) {
  const Network network = CifarResNet(3);
  const auto blocks = FindBlocks(network);
  ASSERT_TRUE(blocks) << blocks.error().message;
  ASSERT_EQ(blocks->size(), 11u);
  ExpectPartition(network, *blocks);
  EXPECT_THAT(Ops(network, blocks->front()), ElementsAre("Conv", "Relu"));
  EXPECT_THAT(Ops(network, blocks->at(4)),
              ElementsAre("Conv", "Relu", "Conv", "Slice", "Slice", "Pad", "Add", "Relu"));
  EXPECT_THAT(Ops(network, blocks->back()), ElementsAre("GlobalAveragePool", "Flatten", "Gemm"));
  EXPECT_EQ(blocks->front().kind, "convolution");
  EXPECT_EQ(blocks->back().kind, "head");
  for (int i = 1; i <= 9; ++i) EXPECT_EQ(blocks->at(i).kind, "residual");
  for (const Block& block : *blocks) EXPECT_TRUE(block.trainable) << block.name;
  EXPECT_EQ(blocks->at(4).input_shape, (Shape{1, 16, 32, 32}));
  EXPECT_EQ(blocks->at(4).output_shape, (Shape{1, 32, 16, 16}));

  const std::vector<Stage> stages = FindStages(*blocks);
  ASSERT_EQ(stages.size(), 4u);
  EXPECT_EQ(stages[0].last, 3);
  EXPECT_EQ(stages[1].first, 4);
  EXPECT_EQ(stages[2].shape, (Shape{1, 64, 8, 8}));
  EXPECT_EQ(blocks->at(4).stage, 1);
}

TEST(FindBlocks, GivesPlainPartsTheirActivations) {
  NetworkBuilder net("plain", "x", {kDynamic, 3, 16, 16}, Random(1));
  std::string x = net.ConvBn("x", {.out = 16});
  x = net.ConvBn(x, {.out = 16, .groups = 16}, "Silu");
  x = net.ConvBn(x, {.out = 8, .kernel = 1}, "");
  x = net.MaxPool(x, 2, 2);
  const Network network =
      std::move(net).Finish(net.Linear(net.Flatten(net.GlobalAveragePool(x)), 4), "y");
  const auto blocks = FindBlocks(network);
  ASSERT_TRUE(blocks) << blocks.error().message;
  ExpectPartition(network, *blocks);
  EXPECT_THAT(Kinds(*blocks),
              ElementsAre("convolution", "convolution", "convolution", "pool", "head"));
  EXPECT_THAT(Ops(network, blocks->at(1)),
              ElementsAre("Conv", "BatchNormalization", "Sigmoid", "Mul"));
}

TEST(FindBlocks, KnowsConcatGatesAndLeadingPads) {
  Sketch net({kDynamic, 3, 16, 16});
  std::string x = net.Node("Pad", {"x", net.Ints({0, 0, 1, 1, 0, 0, 1, 1})});
  const std::string narrow = net.Relu(net.Conv(x, 3, 8));
  const std::string left = net.Relu(net.Conv(narrow, 8, 8, 1)),
                    right = net.Relu(net.Conv(narrow, 8, 8));
  x = net.Relu(net.Node("Concat", {left, right}, {{"axis", int64_t{1}}}));
  const std::string gated = net.Conv(x, 16, 16);
  const std::string gate =
      net.Node("Sigmoid", {net.Conv(net.Node("GlobalAveragePool", {gated}), 16, 16, 1)});
  const std::string y = net.Node("Mul", {gated, gate});
  const Network network = std::move(net).Finish(y, {kDynamic, 16, 18, 18});
  const auto blocks = FindBlocks(network);
  ASSERT_TRUE(blocks) << blocks.error().message;
  ExpectPartition(network, *blocks);
  EXPECT_THAT(Kinds(*blocks), ElementsAre("convolution", "branched", "convolution"));
  EXPECT_THAT(Ops(network, blocks->at(0)), ElementsAre("Pad", "Conv", "Relu"));
  EXPECT_THAT(Ops(network, blocks->at(2)),
              ElementsAre("Conv", "GlobalAveragePool", "Conv", "Sigmoid", "Mul"));
}

TEST(FindBlocks, MarksOpaqueNodesAndWhatTheyHide) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string a = net.Relu(net.Conv("x", 3, 4)), b = net.Node("Strange", {a});
  const std::string c = net.Conv(b, 4, 4);
  Network network = std::move(net).Finish(c, {kDynamic, 4, 8, 8});
  network.nodes[2].frozen_reason = "not known";
  const auto blocks = FindBlocks(network);
  ASSERT_TRUE(blocks) << blocks.error().message;
  ASSERT_EQ(blocks->size(), 3u);
  EXPECT_TRUE(blocks->at(0).trainable);
  EXPECT_FALSE(blocks->at(1).trainable);
  EXPECT_EQ(blocks->at(1).kind, "other");
}

}  // namespace
}  // namespace nacre
