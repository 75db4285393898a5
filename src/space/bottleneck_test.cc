// Bottlenecks are known, and get candidates from their own width.
#include "space/bottleneck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "graph/builder.h"
#include "graph/shapes.h"
#include "space/space.h"

namespace nacre::space_internal {
namespace {

struct BlockSpec {
  int64_t out = 256, mid = 64, groups = 1, stride = 1;
  bool gated = false;
};

// A block of ResNet-50, of ResNeXt, or (gated) of RegNetY.
std::string AddBlock(NetworkBuilder& b, const std::string& x, const BlockSpec& spec) {
  const auto y = b.ConvBn(x, {.out = spec.mid, .kernel = 1});
  auto z = b.ConvBn(y, {.out = spec.mid, .stride = spec.stride, .groups = spec.groups});
  const auto last = b.ConvBn(z, {.out = spec.out, .kernel = 1}, "");
  const bool same = b.Channels(x) == spec.out && spec.stride == 1;
  const auto side =
      same ? x : b.ConvBn(x, {.out = spec.out, .kernel = 1, .stride = spec.stride}, "");
  return b.Activation(b.Add(last, side), "Relu");
}

int64_t InnerWidthOf(const BlockSpec& spec) {
  NetworkBuilder b("block", "x", {kDynamic, 256, 8, 8}, Random(1));
  return InnerWidth(std::move(b).Finish(AddBlock(b, "x", spec), "y"));
}

// Each of them is a branch of two ways to the same value: 2^60 ways in all.
TEST(InnerWidth, DoesNotFollowChainsOfGates) {
  NetworkBuilder b("net", "x", {kDynamic, 64, 8, 8}, Random(1));
  std::string x = b.Conv("x", {.out = 16, .kernel = 1});
  for (int i = 0; i < 60; ++i) x = b.Activation(x, "Silu");
  x = b.Conv(b.Conv(x, {.out = 16}), {.out = 64, .kernel = 1});
  EXPECT_EQ(InnerWidth(std::move(b).Finish(x, "y")), 0);
}

TEST(InnerWidth, IsThatOfTheSpatialConvolution) {
  EXPECT_EQ(InnerWidthOf({}), 64);
  EXPECT_EQ(InnerWidthOf({.mid = 128, .groups = 32}), 128);
  EXPECT_EQ(InnerWidthOf({.out = 512, .mid = 128, .stride = 2}), 128);
  EXPECT_EQ(InnerWidthOf({.mid = 96, .groups = 96}), 0) << "depthwise";
}

TEST(InnerWidth, IsFoundBehindAGate) {
  NetworkBuilder b("block", "x", {kDynamic, 32, 8, 8}, Random(1));
  const auto y = b.ConvBn(b.ConvBn("x", {.out = 16, .kernel = 1}), {.out = 16});
  const auto gated = b.Activation(y, "HardSwish");
  Network network = std::move(b).Finish(b.Conv(gated, {.out = 32, .kernel = 1}), "out");
  const auto at = network.nodes.begin() + static_cast<std::ptrdiff_t>(*network.Producer(gated));
  *at = {.name = "gate", .op = "Mul", .inputs = {"share", y}, .outputs = {gated}};
  network.initializers["w"] = Tensor::Floats({16, 16, 1, 1}, std::vector<float>(256, 0));
  network.nodes.insert(
      at, {{.name = "squeeze", .op = "GlobalAveragePool", .inputs = {y}, .outputs = {"mean"}},
           {.name = "mix", .op = "Conv", .inputs = {"mean", "w"}, .outputs = {"mixed"}},
           {.name = "excite", .op = "Sigmoid", .inputs = {"mixed"}, .outputs = {"share"}}});
  ASSERT_TRUE(Verify(network)) << Verify(network).error().message;
  EXPECT_EQ(InnerWidth(network), 16);
}

TEST(InnerWidth, OfBasicBlocksIsNothing) {
  NetworkBuilder b("basic", "x", {kDynamic, 32, 8, 8}, Random(1));
  const auto y = b.ConvBn(b.ConvBn("x", {.out = 32}), {.out = 32}, "");
  EXPECT_EQ(InnerWidth(std::move(b).Finish(b.Add(y, "x"), "y")), 0);
}

// ResNet-50 (one group of 64) or ResNeXt-50 (32 groups, 128), with a quarter of the channels.
Network Bottlenecks(int64_t groups, int64_t width) {
  NetworkBuilder b("bottlenecks", "image", {kDynamic, 3, 32, 32}, Random(1));
  std::string x = b.MaxPool(b.ConvBn("image", {.out = 16, .kernel = 7, .stride = 2}), 3, 2, 1);
  const int depths[] = {3, 4, 6, 3};
  for (int stage = 0; stage < 4; ++stage) {
    BlockSpec spec{.out = int64_t{64} << stage, .mid = width << stage, .groups = groups};
    for (int i = 0; i < depths[stage]; ++i) {
      spec.stride = stage > 0 && i == 0 ? 2 : 1;
      x = AddBlock(b, x, spec);
    }
  }
  return std::move(b).Finish(b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10), "logits");
}

std::map<std::pair<int, int>, int> PerSpan(const Space& space) {
  std::map<std::pair<int, int>, int> spans;
  for (const RatedCandidate& each : space.candidates)
    ++spans[{each.candidate.first, each.candidate.last}];
  return spans;
}

class SpaceOfBottlenecks : public testing::TestWithParam<std::pair<int64_t, int64_t>> {};

TEST_P(SpaceOfBottlenecks, IsBoundedAndOffersTrainedLayersForEachBlock) {
  const Network network = Bottlenecks(GetParam().first, GetParam().second);
  const auto all = BuildSpace(network, {.channel_multiple = 4, .most_candidates = 0});
  const auto some = BuildSpace(network, {.channel_multiple = 4});
  ASSERT_TRUE(all && some);
  for (const auto& [span, count] : PerSpan(*all))
    EXPECT_LE(count, 20) << span.first << " to " << span.second;
  EXPECT_LE(some->candidates.size(), 400u);
  std::map<int, int> trained;  // by block
  for (const RatedCandidate& each : some->candidates) {
    const Candidate& candidate = each.candidate;
    if (candidate.first != candidate.last || IsKeep(candidate)) continue;
    trained[candidate.first] += Inherits(candidate) ? 1 : 0;
  }
  const int blocks = static_cast<int>(some->blocks.size());
  for (int block = 2; block + 1 < blocks; ++block) EXPECT_GE(trained[block], 2) << block;
}

// Nothing that is fresh and long is made before somebody reads it.
TEST_P(SpaceOfBottlenecks, IsASpecification) {
  const Network network = Bottlenecks(GetParam().first, GetParam().second);
  const auto space = BuildSpace(network, {.channel_multiple = 4});
  ASSERT_TRUE(space);
  std::set<const std::byte*> trained;
  for (const auto& [name, tensor] : network.initializers)
    if (!tensor.is_deferred()) trained.insert(tensor.bytes().data());
  for (const RatedCandidate& each : space->candidates) {
    for (const auto& [name, tensor] : each.candidate.fragment.initializers) {
      if (tensor.type() != DataType::kFloat || tensor.count() <= 4096) continue;
      const bool shared = !tensor.is_deferred() && trained.count(tensor.bytes().data()) > 0;
      EXPECT_TRUE(shared || tensor.is_deferred()) << each.candidate.id << " " << name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, SpaceOfBottlenecks,
                         testing::Values(std::pair{1, 16}, std::pair{8, 32}));

TEST(Bottlenecks, GetWidthsThatTheirOwnWorkPaysFor) {
  const auto space = BuildSpace(Bottlenecks(1, 16), {.channel_multiple = 4, .most_candidates = 0});
  ASSERT_TRUE(space);
  std::set<std::string> ids;
  for (const RatedCandidate& each : space->candidates) ids.insert(each.candidate.id);
  // 2 * 64 * 16 + 9 * 16 * 16 = 4,352 a position; 640 a channel of a fused candidate.
  EXPECT_THAT(ids, testing::Contains("b3:fused4"));
  EXPECT_THAT(ids, testing::Not(testing::Contains("b3:fused8")));
  EXPECT_THAT(ids, testing::Not(testing::Contains("b3:fused128")));
  // Three quarters of twice as many: 128 * 20 + 9 * 20 * 20 = 6,160, and 8,256 with 24 channels.
  EXPECT_THAT(ids, testing::Contains("b3-b4:bottleneck20"));
  EXPECT_THAT(ids, testing::Not(testing::Contains("b3:bottleneck32")));
}

}  // namespace
}  // namespace nacre::space_internal
