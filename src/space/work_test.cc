#include "space/work.h"

#include <gtest/gtest.h>

#include "graph/builder.h"
#include "graph/shapes.h"
#include "space/space.h"

namespace nacre::space_internal {
namespace {

double Work(const ConvSpec& spec, int64_t multiple) {
  NetworkBuilder b("work", "x", {kDynamic, 32, 4, 4}, Random(1));
  const Network network = std::move(b).Finish(b.Conv("x", spec), "y");
  return WorkOf(network, *InferShapes(network), multiple);
}

TEST(Work, CountsTheChannelsOfAGroupAsMultiples) {
  EXPECT_EQ(Work({.out = 8}, 16), 16 * 8 * 32 * 9);
  EXPECT_EQ(Work({.out = 8, .stride = 2}, 16), 4 * 8 * 32 * 9);
  EXPECT_EQ(Work({.out = 32, .groups = 4}, 16), 16 * 32 * 16 * 9) << "eight of sixteen lanes";
  EXPECT_EQ(Work({.out = 32, .groups = 32}, 16), 16 * 32 * 16 * 9) << "one of sixteen lanes";
  EXPECT_EQ(Work({.out = 32, .groups = 32}, 1), 16 * 32 * 9);
}

// A bottleneck of 256 channels with 64 inside costs an eighth of a convolution of 256 channels.
TEST(Work, RulesOutCandidatesThatCannotBeFaster) {
  NetworkBuilder b("bottlenecks", "image", {kDynamic, 3, 16, 16}, Random(1));
  std::string x = b.ConvBn("image", {.out = 256});
  for (int i = 0; i < 2; ++i) {
    const auto y = b.ConvBn(b.ConvBn(x, {.out = 64, .kernel = 1}), {.out = 64});
    x = b.Activation(b.Add(b.ConvBn(y, {.out = 256, .kernel = 1}, ""), x), "Relu");
  }
  const std::string logits = b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10);
  const auto space = BuildSpace(std::move(b).Finish(logits, "logits"), {.most_candidates = 0});
  ASSERT_TRUE(space) << space.error().message;
  int64_t kept = 0;
  for (const RatedCandidate& each : space->candidates) {
    if (each.candidate.id == "b2:keep") kept = CostOf(each.candidate.fragment)->macs;
  }
  ASSERT_GT(kept, 0);
  for (const RatedCandidate& each : space->candidates) {
    const Candidate& candidate = each.candidate;
    if (candidate.first < 1 || candidate.last > 2) continue;  // the stem and the head
    const int64_t blocks = candidate.last - candidate.first + 1;
    EXPECT_LE(CostOf(candidate.fragment)->macs, 2 * blocks * kept) << candidate.id;
    EXPECT_NE(candidate.id, "b2:plain256");
    EXPECT_NE(candidate.id, "b2:fused512");
  }
}

}  // namespace
}  // namespace nacre::space_internal
