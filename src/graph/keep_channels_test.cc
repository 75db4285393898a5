#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/builder.h"
#include "graph/channels.h"
#include "graph/shapes.h"
#include "graph/test_networks.h"

namespace nacre {
namespace {

using namespace graph_internal;

using testing::ElementsAre;

ChannelGroup Group(const Network& network, const std::string& activation) {
  const auto groups = FindChannelGroups(network);
  for (const ChannelGroup& group : *groups) {
    if (group.name == activation) return group;
  }
  throw std::logic_error("no group " + activation);
}

Network Kept(const Network& network, const std::string& activation,
             const std::vector<int64_t>& keep) {
  auto kept = KeepChannels(network, Group(network, activation), keep);
  if (!kept) throw std::logic_error(kept.error().message);
  EXPECT_TRUE(Verify(*kept));
  return *kept;
}

const Tensor& Input(const Network& network, size_t node, int input) {
  return network.initializers.at(network.nodes[node].inputs[input]);
}

std::vector<int64_t> Values(const Network& network, size_t node, int input) {
  return Input(network, node, input).ToInts();
}

TEST(KeepChannels, ThinsTheMiddleOfABlock) {
  const Network network = CifarResNet(1);
  const Network thin = Kept(network, "Conv2_out", {1, 5, 6});
  EXPECT_EQ(Input(thin, 2, 1).shape(), (Shape{3, 16, 3, 3}));
  EXPECT_THAT(Values(thin, 2, 2), ElementsAre(1, 5, 6));
  EXPECT_EQ(Input(thin, 4, 1).shape(), (Shape{16, 3, 3, 3}));
  EXPECT_EQ(Input(thin, 4, 1).floats()[9], 5);  // output 0 reads channel 5 as its second
  EXPECT_EQ(InferShapes(thin)->at("Conv2_out").shape, (Shape{1, 3, 32, 32}));
  EXPECT_EQ(InferShapes(thin)->at(thin.outputs[0].name).shape, (Shape{1, 10}));
}

// Stage widths 16, 32, 64 -> 8, 16, 32: of 64 coupled channels, the narrow stages hold [24, 40) and
// [16, 48).
TEST(KeepChannels, NarrowsStagesCoupledByPads) {
  const Network network = CifarResNet(1);
  std::vector<int64_t> keep;
  for (int64_t c = 0; c < 64; c += 2) keep.push_back(c);
  const Network thin = Kept(network, "Conv0_out", keep);
  const auto shapes = InferShapes(thin);
  EXPECT_EQ(shapes->at("Conv0_out").shape[1], 8);
  std::vector<int64_t> pads;
  for (size_t i = 0; i < thin.nodes.size(); ++i) {
    if (thin.nodes[i].op != "Pad") continue;
    pads.push_back(shapes->at(thin.nodes[i].outputs[0]).shape[1]);
    pads.push_back(Values(thin, i, 1)[1]);
    pads.push_back(Values(thin, i, 1)[5]);
  }
  EXPECT_THAT(pads, ElementsAre(16, 4, 4, 32, 8, 8));
  EXPECT_THAT(Values(thin, 0, 2), ElementsAre(0, 2, 4, 6, 8, 10, 12, 14));
}

TEST(KeepChannels, NarrowsOnlyTheWideStageWhereTheNarrowHasNoPart) {
  const Network network = CifarResNet(1);
  std::vector<int64_t> keep;
  for (int64_t c = 10; c < 48; ++c) keep.push_back(c);
  const Network thin = Kept(network, "Conv0_out", keep);
  const auto shapes = InferShapes(thin);
  EXPECT_EQ(shapes->at("Conv0_out").shape[1], 16);
  EXPECT_EQ(Input(thin, thin.nodes.size() - 1, 1).shape(), (Shape{10, 38}));
  // Nothing of the first stage would be left.
  const auto none = KeepChannels(network, Group(network, "Conv0_out"), {0, 1, 2});
  EXPECT_EQ(none.error().kind, ErrorKind::kModel);
  EXPECT_THAT(none.error().message, testing::HasSubstr("Conv0_out"));
}

TEST(KeepChannels, FollowsDepthwiseConvolutions) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string a = net.Relu(net.Conv("x", 3, 6, 1)), b = net.Conv(a, 6, 12, 3, 1, 6);
  const std::string y = net.Conv(b, 12, 10, 1);
  const Network network = std::move(net).Finish(y, {kDynamic, 10, 8, 8});
  const Network thin = Kept(network, "Conv0_out", {0, 4});
  EXPECT_EQ(thin.nodes[2].Int("group", 0), 2);
  EXPECT_EQ(Input(thin, 2, 1).shape(), (Shape{4, 1, 3, 3}));
  EXPECT_THAT(Values(thin, 2, 2), ElementsAre(0, 1, 8, 9));
  EXPECT_EQ(Input(thin, 3, 1).shape(), (Shape{10, 4, 1, 1}));
}

TEST(KeepChannels, KeepsEqualPartsOfGroupedConvolutions) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string a = net.Conv("x", 3, 8, 1), b = net.Conv(a, 8, 4, 1, 1, 2);
  const std::string y = net.Conv(b, 4, 10, 1);
  const Network network = std::move(net).Finish(y, {kDynamic, 10, 8, 8});
  const Network thin = Kept(network, "Conv0_out", {0, 3, 5, 6});  // of parts [0, 4) and [4, 8)
  EXPECT_EQ(thin.nodes[1].Int("group", 0), 2);
  EXPECT_EQ(Input(thin, 1, 1).shape(), (Shape{4, 2, 1, 1}));
  EXPECT_THAT(Values(thin, 1, 1), ElementsAre(0, 3, 1000, 1003, 2001, 2002, 3001, 3002));
  EXPECT_FALSE(KeepChannels(network, Group(network, "Conv0_out"), {0, 1, 2, 5}));
  EXPECT_FALSE(KeepChannels(network, Group(network, "Conv1_out"), {0, 1, 2}));
  EXPECT_TRUE(KeepChannels(network, Group(network, "Conv1_out"), {1, 2}));
}

TEST(KeepChannels, ReachesThroughConcatFlattenAndReshape) {
  Sketch net({kDynamic, 3, 2, 2});
  const std::string a = net.Conv("x", 3, 2, 1), b = net.Conv("x", 3, 3, 1);
  const std::string joined = net.Node("Concat", {a, b}, {{"axis", int64_t{1}}});
  const std::string flat = net.Node("Reshape", {joined, net.Ints({-1, 20})});
  const std::string y = net.Linear(flat, 20, 10);
  const Network network = std::move(net).Finish(y);
  const Network thin = Kept(network, "Conv1_out", {2});
  EXPECT_THAT(Values(thin, 3, 1), ElementsAre(-1, 12));
  const std::vector<int64_t> weight = Values(thin, 4, 1);
  EXPECT_THAT(std::vector<int64_t>(weight.begin(), weight.begin() + 12),
              ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19));
}

// Four channels make one channel of the larger image: they go together.
TEST(KeepChannels, TakesWidthsInFoursBeforeDepthToSpace) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string wide = net.Relu(net.Conv("x", 3, 16));
  const std::string up =
      net.Node("DepthToSpace", {wide}, {{"blocksize", int64_t{2}}, {"mode", std::string("CRD")}});
  const Network network = std::move(net).Finish(net.Head(net.Conv(up, 4, 5), 5, 10));
  const ChannelGroup group = Group(network, "Conv0_out");
  EXPECT_EQ(group.width, 4);
  EXPECT_EQ(group.producers[0].repeat, 4);
  const Network thin = Kept(network, "Conv0_out", {1, 3});
  EXPECT_THAT(Values(thin, 0, 2), ElementsAre(4, 5, 6, 7, 12, 13, 14, 15));
  EXPECT_EQ(Input(thin, 3, 1).shape(), (Shape{5, 2, 3, 3}));
  EXPECT_EQ(Input(thin, 3, 1).floats()[0], 1);
}

TEST(KeepChannels, FreezesWhatCutsThroughBlocks) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string wide = net.Conv("x", 3, 8);
  const std::string up =
      net.Node("DepthToSpace", {wide}, {{"blocksize", int64_t{2}}, {"mode", std::string("CRD")}});
  const std::string part = net.Node("Slice", {wide, net.Ints({0}), net.Ints({6}), net.Ints({1})});
  const std::string a = net.Head(net.Conv(up, 2, 5), 5, 10);
  const std::string b = net.Head(net.Conv(part, 6, 5), 5, 10);
  const Network network = std::move(net).Finish(net.Node("Add", {a, b}));
  EXPECT_FALSE(Group(network, "Conv0_out").prunable);
}

TEST(KeepChannels, RepeatsChannelsBehindSpaceToDepth) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string narrow = net.Relu(net.Conv("x", 3, 2));
  const std::string down = net.Node("SpaceToDepth", {narrow}, {{"blocksize", int64_t{2}}});
  const Network network = std::move(net).Finish(net.Head(net.Conv(down, 8, 5), 5, 10));
  const Network thin = Kept(network, "Conv0_out", {1});
  EXPECT_EQ(Input(thin, 3, 1).shape(), (Shape{5, 4, 3, 3}));
  EXPECT_EQ(Input(thin, 3, 1).floats()[0], 1);
  EXPECT_EQ(Input(thin, 3, 1).floats()[9], 3);
}

// Flattened pixels that meet features of a linear layer take all features of a channel along.
TEST(KeepChannels, TakesFeaturesInStepWithFlattenedChannels) {
  Sketch net({kDynamic, 3, 2, 2});
  const std::string image = net.Relu(net.Conv("x", 3, 3));
  const std::string flat = net.Node("Flatten", {image}, {{"axis", int64_t{1}}});
  const std::string features =
      net.Linear(net.Node("Flatten", {"x"}, {{"axis", int64_t{1}}}), 12, 12);
  const Network network =
      std::move(net).Finish(net.Linear(net.Node("Add", {flat, features}), 12, 10));
  EXPECT_EQ(Group(network, "Conv0_out").width, 3);
  const Network thin = Kept(network, "Conv0_out", {0, 2});
  EXPECT_THAT(Values(thin, 4, 2), ElementsAre(0, 1, 2, 3, 8, 9, 10, 11));
  EXPECT_EQ(InferShapes(thin)->at(thin.nodes[5].outputs[0]).shape, (Shape{1, 8}));
}

// What a grouped convolution reads of joined channels stays; what it makes can go.
TEST(KeepChannels, NarrowsWhatGroupsOverJoinedChannelsMake) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string a = net.Conv("x", 3, 4), b = net.Conv("x", 3, 6);
  const std::string joined = net.Node("Concat", {a, b}, {{"axis", int64_t{1}}});
  const std::string grouped = net.Conv(joined, 10, 8, 3, 1, 2);
  const Network network = std::move(net).Finish(net.Head(grouped, 8, 10));
  EXPECT_FALSE(Group(network, "Conv0_out").prunable);
  const Network thin = Kept(network, "Conv3_out", {0, 3, 4, 5});
  EXPECT_EQ(Input(thin, 3, 1).shape(), (Shape{4, 5, 3, 3}));
}

// One head reads two scales (RetinaNet).
TEST(KeepChannels, CutsAWeightThatTwoLayersShareOnce) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string a = net.Relu(net.Conv("x", 3, 4)), b = net.Relu(net.Conv(a, 4, 4, 3, 2));
  const std::string weight = net.Weight(6, 4, 3);
  const std::string far = net.Node("Conv", {a, weight}), near = net.Node("Conv", {b, weight});
  const std::string y = net.Node(
      "Add", {net.Head(net.Conv(far, 6, 5), 5, 10), net.Head(net.Conv(near, 6, 5), 5, 10)});
  const Network network = std::move(net).Finish(y);
  EXPECT_EQ(Group(network, "Conv0_out").producers.size(), 4u) << "two weights, two biases";
  const Network thin = Kept(Kept(network, "Conv4_out", {0, 5}), "Conv0_out", {1, 2, 3});
  EXPECT_EQ(thin.nodes[4].inputs[1], thin.nodes[5].inputs[1]);
  EXPECT_EQ(Input(thin, 4, 1).shape(), (Shape{2, 3, 3, 3}));
}

TEST(KeepChannels, RewritesSlicesOfChannels) {
  Sketch net({kDynamic, 3, 8, 8});
  const std::string a = net.Conv("x", 3, 8, 1);
  const std::string low = net.Node("Slice", {a, net.Ints({0}), net.Ints({4}), net.Ints({1})});
  const std::string high =
      net.Node("Slice", {a, net.Ints({-4}), net.Ints({INT64_MAX}), net.Ints({1})});
  const std::string joined =
      net.Node("Concat", {net.Conv(low, 4, 5, 1), high}, {{"axis", int64_t{1}}});
  const std::string y = net.Conv(joined, 9, 10, 1);
  const Network network = std::move(net).Finish(y, {kDynamic, 10, 8, 8});
  const Network thin = Kept(network, "Conv0_out", {1, 2, 3, 7});
  EXPECT_THAT(Values(thin, 1, 2), ElementsAre(3));
  EXPECT_THAT(Values(thin, 2, 1), ElementsAre(-1));
  EXPECT_EQ(Input(thin, 3, 1).shape(), (Shape{5, 3, 1, 1}));
  EXPECT_EQ(Input(thin, 5, 1).shape(), (Shape{10, 6, 1, 1}));
  EXPECT_EQ(Values(thin, 5, 1)[5], 8);
}

TEST(KeepChannels, KeepsSqueezeExciteAndVectorsInStep) {
  Sketch net({kDynamic, 3, 8, 8});
  std::string x = net.Conv("x", 3, 6, 1);
  const std::string slope = net.Constant(Tensor::Floats({6, 1, 1}, {0, 1, 2, 3, 4, 5}));
  x = net.Node("PRelu", {x, slope});
  const std::string pooled =
      net.Node("ReduceMean", {x}, {{"axes", std::vector<int64_t>{2, 3}}, {"keepdims", int64_t{0}}});
  const std::string gate =
      net.Node("Reshape", {net.Linear(net.Linear(pooled, 6, 2), 2, 6), net.Ints({-1, 6, 1, 1})});
  const std::string y = net.Conv(net.Node("Mul", {x, gate}), 6, 10, 1);
  const Network network = std::move(net).Finish(y, {kDynamic, 10, 8, 8});
  const Network thin = Kept(network, "Conv0_out", {2, 3});
  EXPECT_THAT(Values(thin, 1, 1), ElementsAre(2, 3));
  EXPECT_EQ(Input(thin, 3, 1).shape(), (Shape{2, 2}));
  EXPECT_THAT(Values(thin, 4, 1), ElementsAre(2000, 2001, 3000, 3001));
  EXPECT_THAT(Values(thin, 5, 1), ElementsAre(-1, 2, 1, 1));
}

// Exporters make one of vectors that are equal.
TEST(KeepChannels, CopiesAVectorThatOthersReadToo) {
  Sketch net({kDynamic, 4, 8, 8});
  const std::string bias = net.Vector(4);
  const std::string a = net.Node("Conv", {"x", net.Weight(4, 4), bias}),
                    b = net.Node("Conv", {a, net.Weight(4, 4), bias});
  const std::string y = net.Node("Conv", {b, net.Weight(4, 4), bias});
  const Network network = std::move(net).Finish(y, {kDynamic, 4, 8, 8});
  const Network thin = Kept(network, a, {1, 3});
  EXPECT_EQ(Input(thin, 0, 1).shape(), (Shape{2, 4, 1, 1}));
  EXPECT_EQ(Input(thin, 1, 1).shape(), (Shape{4, 2, 1, 1}));
  EXPECT_EQ(Input(thin, 0, 2).shape(), (Shape{2}));
  EXPECT_EQ(Input(thin, 1, 2), network.initializers.at(bias));
}

TEST(KeepChannels, TakesSeveralGroupsAtOnce) {
  const Network network = CifarResNet(1);
  const std::vector<int64_t> some = {0, 1, 2, 3, 4, 5, 6, 7};
  const auto both = KeepChannels(
      network, {{Group(network, "Conv2_out"), some}, {Group(network, "Conv7_out"), some}});
  ASSERT_TRUE(both) << both.error().message;
  const Network one = Kept(network, "Conv2_out", some);
  EXPECT_EQ(StructuralHash(*both, true), StructuralHash(Kept(one, "Conv7_out", some), true));
}

TEST(KeepChannels, RefusesWhatCannotBe) {
  const Network network = CifarResNet(1);
  EXPECT_EQ(KeepChannels(network, Group(network, "x"), {0}).error().kind, ErrorKind::kModel);
  const ChannelGroup group = Group(network, "Conv2_out");
  EXPECT_EQ(KeepChannels(network, group, {}).error().kind, ErrorKind::kModel);
  EXPECT_THROW(KeepChannels(network, group, {3, 1}), std::logic_error);
  EXPECT_THROW(KeepChannels(network, group, {1, 16}), std::logic_error);
  EXPECT_THROW(KeepChannels(network, group, {-1, 2}), std::logic_error);
}

}  // namespace
}  // namespace nacre
