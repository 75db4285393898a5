#include "graph/channels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "graph/blocks.h"
#include "graph/builder.h"
#include "graph/test_networks.h"

namespace nacre {
namespace {

using namespace graph_internal;

using testing::ElementsAre;

std::vector<ChannelGroup> Groups(const Network& network) {
  auto groups = FindChannelGroups(network);
  EXPECT_TRUE(groups) << groups.error().message;
  return groups ? *groups : std::vector<ChannelGroup>{};
}

std::vector<int64_t> Widths(const std::vector<ChannelGroup>& groups) {
  std::vector<int64_t> widths;
  for (const ChannelGroup& group : groups)
    widths.push_back(group.prunable ? group.width : -group.width);
  return widths;
}

TEST(FindChannelGroups, CouplesResidualAddsAndLeavesMiddlesFree) {
  NetworkBuilder net("res", "x", {kDynamic, 3, 8, 8}, Random(1));
  std::string x = net.ConvBn("x", {.out = 8});
  for (int i = 0; i < 2; ++i) {
    const std::string middle = net.ConvBn(x, {.out = 12});
    x = net.Activation(net.Add(net.ConvBn(middle, {.out = 8}, ""), x), "Relu");
  }
  const std::string shortcut = net.ConvBn(x, {.out = 16, .kernel = 1}, "");
  x = net.Add(net.ConvBn(net.ConvBn(x, {.out = 20}), {.out = 16}, ""), shortcut);
  const Network network =
      std::move(net).Finish(net.Linear(net.Flatten(net.GlobalAveragePool(x)), 4), "y");
  const auto groups = Groups(network);
  EXPECT_THAT(Widths(groups), ElementsAre(-3, 8, 12, 12, 16, 20, -4));
  EXPECT_THAT(groups[0].why_not, testing::HasSubstr("input"));
  EXPECT_THAT(groups[6].why_not, testing::HasSubstr("output"));
  EXPECT_EQ(groups[1].producers.size(), 3u * 5);  // three convolutions, each with four vectors
  EXPECT_EQ(groups[1].consumers.size(), 4u);
}

TEST(FindChannelGroups, FollowsChannelsThroughPads) {
  const Network network = CifarResNet(3);
  const auto groups = Groups(network);
  EXPECT_THAT(Widths(groups), ElementsAre(-3, 64, 16, 16, 16, 32, 32, 32, 64, 64, 64, -10));
  const ChannelGroup& stages = groups[1];
  const ChannelSlice& narrow = stages.runs.front();
  EXPECT_EQ(narrow.first, 24);
  EXPECT_EQ(narrow.count, 16);
  EXPECT_EQ(stages.counts.size(), 4u);
}

TEST(FindChannelGroups, GivesConcatInputsTheirOffsets) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string a = net.Conv("x", 3, 4), b = net.Conv("x", 3, 6);
  const std::string joined = net.Node("Concat", {a, b}, {{"axis", int64_t{1}}});
  const std::string y = net.Head(net.Conv(joined, 10, 5), 5, 10);
  const auto groups = Groups(std::move(net).Finish(y));
  EXPECT_THAT(Widths(groups), ElementsAre(-3, 4, 6, 5, -10));
  EXPECT_EQ(groups[1].consumers[0].offset, 0);
  EXPECT_EQ(groups[2].consumers[0].offset, 4);
  EXPECT_EQ(groups[2].consumers[0].count, 6);
}

TEST(FindChannelGroups, RepeatsChannelsBehindFlatten) {
  NetworkBuilder net("flat", "x", {kDynamic, 3, 4, 4}, Random(1));
  const std::string x = net.Flatten(net.ConvBn("x", {.out = 8}));
  const auto groups = Groups(std::move(net).Finish(net.Linear(x, 4), "y"));
  EXPECT_EQ(groups[1].width, 8);
  EXPECT_EQ(groups[1].consumers[0].repeat, 16);
}

TEST(FindChannelGroups, FreezesWhatItCannotFollow) {
  Sketch net({kDynamic, 4, 8, 8});
  const std::string a = net.Conv("x", 4, 8);
  const std::string shuffled =
      net.Node("Transpose", {a}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}});
  const std::string b = net.Conv(shuffled, 8, 8), c = net.Conv(b, 8, 6);
  const std::string shifted =
      net.Node("Concat",
               {net.Node("Slice", {c, net.Ints({1}), net.Ints({6}), net.Ints({1})}),
                net.Node("Slice", {c, net.Ints({0}), net.Ints({1}), net.Ints({1})})},
               {{"axis", int64_t{1}}});
  const std::string d = net.Node("Add", {c, shifted});
  const std::string y = net.Conv(d, 6, 10);
  const auto groups = Groups(std::move(net).Finish(y, {kDynamic, 10, 8, 8}));
  EXPECT_THAT(Widths(groups), ElementsAre(-4, -8, -8, 8, -6, -10));
  EXPECT_THAT(groups[1].why_not, testing::HasSubstr("Transpose"));
  EXPECT_THAT(groups[4].why_not, testing::HasSubstr("shifted"));
}

TEST(FindChannelGroups, FreezesOpaqueNodes) {
  Sketch net({kDynamic, 4, 8, 8});
  const std::string a = net.Conv("x", 4, 8), b = net.Node("Strange", {a});
  Network network = std::move(net).Finish(b, {kDynamic, 8, 8, 8});
  network.nodes[1].frozen_reason = "not known";
  EXPECT_THAT(Groups(network)[1].why_not, testing::HasSubstr("not known"));
}

TEST(ChannelImportance, MultipliesIncomingByOutgoing) {
  Sketch net({kDynamic, 1, 1, 1});
  const std::string w = net.Constant(Tensor::Floats({2, 1, 1, 1}, {3, 4}));
  const std::string v = net.Constant(Tensor::Floats({2, 2, 1, 1}, {3, 0, 4, 2}));
  const std::string y = net.Node("Conv", {net.Relu(net.Node("Conv", {"x", w})), v});
  const Network network = std::move(net).Finish(y, {kDynamic, 2, 1, 1});
  const ChannelGroup group = Groups(network)[1];
  const std::vector<double> importance = ChannelImportance(network, group);
  EXPECT_THAT(importance, ElementsAre(15, 8));
  EXPECT_THAT(*SelectChannels(group, importance, 1), ElementsAre(0));
}

TEST(ChannelImportance, CountsBatchNormInto) {
  Sketch net({kDynamic, 1, 1, 1});
  const std::string w = net.Constant(Tensor::Floats({2, 1, 1, 1}, {1, 1}));
  const std::string zero = net.Constant(Tensor::Floats({2}, {0, 0}));
  const std::string gain = net.Constant(Tensor::Floats({2}, {1, 6}));
  const std::string variance = net.Constant(Tensor::Floats({2}, {1, 4}));
  const std::string norm =
      net.Node("BatchNormalization", {net.Node("Conv", {"x", w}), gain, zero, zero, variance},
               {{"epsilon", 0.f}});
  const std::string v = net.Constant(Tensor::Floats({1, 2, 1, 1}, {1, 1}));
  const Network network = std::move(net).Finish(net.Node("Conv", {norm, v}), {kDynamic, 1, 1, 1});
  EXPECT_THAT(ChannelImportance(network, Groups(network)[1]), ElementsAre(1, 3));
}

TEST(SelectChannels, TakesAsManyOfEachPart) {
  ChannelGroup group;
  group.width = 8;
  group.equal_parts = {{0, 8, 2}};
  const std::vector<double> importance = {9, 8, 7, 6, 1, 2, 3, 4};
  EXPECT_THAT(*SelectChannels(group, importance, 4), ElementsAre(0, 1, 6, 7));
  EXPECT_EQ(SelectChannels(group, importance, 3).error().kind, ErrorKind::kModel);
  group.equal_parts = {{0, 4, 2}};
  EXPECT_EQ(SelectChannels(group, importance, 4).error().kind, ErrorKind::kModel);
}

// Far above the hundredth of a second that it takes, far below what a quadratic method would.
TEST(Graph, LooksAtFiveHundredNodesInNoTime) {
  const Network network = CifarResNet(32);
  ASSERT_GT(network.nodes.size(), 480u);
  const auto start = std::chrono::steady_clock::now();
  const auto blocks = FindBlocks(network);
  const auto groups = FindChannelGroups(network);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(blocks->size(), 98u);
  EXPECT_EQ(groups->size(), 99u);
  EXPECT_LT(took.count(), 1000);
}

}  // namespace
}  // namespace nacre
