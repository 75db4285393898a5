// Candidates for grouped convolutions, and what they compute.
#include "space/groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "graph/builder.h"
#include "graph/shapes.h"
#include "space/space.h"
#include "testing/run_convolutions.h"

namespace nacre::space_internal {
namespace {

// A block of ResNeXt (arXiv 1611.05431): four groups of four channels between pointwise ones. What
// reads groups 0 and 2 is 0.
Network GroupedBlock() {
  NetworkBuilder b("block", "x", {kDynamic, 8, kPlainSide, kPlainSide}, Random(3));
  const std::string y = b.Activation(b.Conv("x", {.out = 16, .kernel = 1}), "Relu");
  const std::string z = b.Activation(b.Conv(y, {.out = 16, .groups = 4}), "Relu");
  std::vector<float> last(8 * 16);
  for (size_t i = 0; i < last.size(); ++i)
    last[i] = i % 16 / 4 % 2 == 0 ? 0 : static_cast<float>(i % 7) - 3;
  const Tensor zeros = Tensor::Floats({8}, std::vector<float>(8, 0));
  const std::string narrow =
      b.Conv(z, {.out = 8, .kernel = 1}, Tensor::Floats({8, 16, 1, 1}, last), zeros);
  return std::move(b).Finish(b.Activation(b.Add(narrow, "x"), "Relu"), "y");
}

TEST(Groups, AreFoundWithTheirWidths) {
  const auto found = FindGrouped(GroupedBlock());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].groups, 4);
  EXPECT_EQ(found[0].inputs, 4);
  EXPECT_EQ(found[0].outputs, 4);
}

TEST(Groups, JoinToTheSameFunction) {
  const Network block = GroupedBlock();
  const GroupedConvolution conv = FindGrouped(block).at(0);
  for (const int64_t groups : {1, 2, 4}) {
    const Network joined = JoinGroups(block, conv, groups);
    ASSERT_TRUE(Verify(joined));
    EXPECT_EQ(joined.nodes[conv.node].Int("group", 0), groups);
    const Tensor& weight = *joined.Initializer(joined.nodes[conv.node].inputs[1]);
    EXPECT_EQ(weight.shape(), (Shape{16, 16 / groups, 3, 3}));
    EXPECT_TRUE(weight.is_deferred());
    ExpectSameFunction(block, joined);
  }
  EXPECT_THROW(JoinGroups(block, conv, 3), std::logic_error);
}

TEST(Groups, ThatMatterStay) {
  const Network block = GroupedBlock();
  const GroupedConvolution conv = FindGrouped(block).at(0);
  const auto half = KeepGroups(block, conv, 2);
  ASSERT_TRUE(half) << half.error().message;
  EXPECT_EQ(FindGrouped(*half).at(0).groups, 2);
  EXPECT_EQ(FindGrouped(*half).at(0).inputs, 4);
  ExpectSameFunction(block, *half);
  const auto one = KeepGroups(block, conv, 1);
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_TRUE(FindGrouped(*one).empty());
  EXPECT_TRUE(InferShapes(*one));
  EXPECT_THROW((void)KeepGroups(block, conv, 5), std::logic_error);
}

// A grouped convolution of what the block reads: its groups are coupled to the shortcut.
TEST(Groups, ThatTheShortcutReadsCannotGo) {
  NetworkBuilder b("block", "x", {kDynamic, 8, kPlainSide, kPlainSide}, Random(3));
  const std::string y = b.Activation(b.Conv("x", {.out = 8, .groups = 2}), "Relu");
  const Network block = std::move(b).Finish(b.Add(b.Conv(y, {.out = 8, .kernel = 1}), "x"), "y");
  const auto fewer = KeepGroups(block, FindGrouped(block).at(0), 1);
  ASSERT_FALSE(fewer);
  EXPECT_THAT(fewer.error().message, testing::HasSubstr("cannot be taken out"));
}

// Two blocks with `groups` groups of `width` channels, 64 channels between them.
Network ResNeXt(int64_t groups, int64_t width) {
  NetworkBuilder b("resnext", "image", {kDynamic, 3, 16, 16}, Random(1));
  std::string x = b.ConvBn("image", {.out = 64});
  for (int i = 0; i < 2; ++i) {
    const auto y = b.ConvBn(x, {.out = groups * width, .kernel = 1});
    const auto z = b.ConvBn(y, {.out = groups * width, .groups = groups});
    x = b.Activation(b.Add(b.ConvBn(z, {.out = 64, .kernel = 1}, ""), x), "Relu");
  }
  return std::move(b).Finish(b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10), "logits");
}

// The convolution in the middle of each candidate of a kind for block b1: channels and groups.
std::map<std::string, std::pair<int64_t, int64_t>> Middles(const Space& space, CandidateKind kind) {
  std::map<std::string, std::pair<int64_t, int64_t>> middles;
  for (const RatedCandidate& each : space.candidates) {
    const Candidate& candidate = each.candidate;
    if (candidate.kind != kind || candidate.first != 1 || candidate.last != 1) continue;
    EXPECT_TRUE(Inherits(candidate)) << candidate.id;
    for (const Node& node : candidate.fragment.nodes) {
      if (node.op != "Conv") continue;
      const Shape& weight = candidate.fragment.Initializer(node.inputs[1])->shape();
      if (weight[2] == 3) middles[candidate.id] = {weight[0], node.Int("group", 1)};
    }
  }
  return middles;
}

TEST(Groups, OfABlockMayBeFewerJoinedOrOpened) {
  const auto space = BuildSpace(ResNeXt(16, 8), {.most_candidates = 0});
  ASSERT_TRUE(space) << space.error().message;
  using Expected = std::map<std::string, std::pair<int64_t, int64_t>>;
  EXPECT_EQ(Middles(*space, CandidateKind::kFewerGroups),
            (Expected{{"b1:fewer-groups25", {32, 4}},
                      {"b1:fewer-groups50", {64, 8}},
                      {"b1:fewer-groups75", {96, 12}}}));
  EXPECT_EQ(Middles(*space, CandidateKind::kJoinedGroups),
            (Expected{{"b1:joined-groups8", {128, 8}}, {"b1:joined-groups4", {64, 4}}}));
  // 2 * 128 * 64 + 9 * 128 * 16 = 34,816 a position, with lanes filled; 128 * 48 + 9 * 48 * 48 =
  // 26,880, and 64 channels would cost 45,056.
  EXPECT_EQ(Middles(*space, CandidateKind::kDense),
            (Expected{{"b1:dense48", {48, 1}}, {"b1:dense32", {32, 1}}, {"b1:dense16", {16, 1}}}));
}

TEST(Groups, AsWideAsTheTargetLikesAreNotJoined) {
  const auto space = BuildSpace(ResNeXt(4, 16), {.most_candidates = 0});
  ASSERT_TRUE(space) << space.error().message;
  EXPECT_TRUE(Middles(*space, CandidateKind::kJoinedGroups).empty());
  EXPECT_EQ(Middles(*space, CandidateKind::kFewerGroups).size(), 2u) << "of 3 and 2 groups";
}

}  // namespace
}  // namespace nacre::space_internal
