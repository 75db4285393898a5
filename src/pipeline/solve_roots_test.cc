#include "pipeline/solve_roots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "graph/builder.h"
#include "space/rated.h"

namespace nacre {
namespace {

using testing::HasSubstr;

// Three residual blocks. Kept ones take 30 microseconds and 3000 bytes; others a tenth of that, at
// a loss that grows with the block's position.
class SolveRootsTest : public testing::Test {
 protected:
  SolveRootsTest() {
    NetworkBuilder b("net", "image", {kDynamic, 3, 8, 8}, Random(1));
    std::string x = b.ConvBn("image", {.out = 16});
    for (int i = 0; i < 3; ++i) {
      const std::string inner =
          b.BatchNorm(b.Conv(b.ConvBn(x, {.out = 16}), {.out = 16, .bias = false}));
      x = b.Activation(b.Add(inner, x), "Relu");
    }
    const std::string logits = b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10);
    rated_.space = *BuildSpace(std::move(b).Finish(logits, "logits"), {});
    rated_.pricing.original = {150, 20000, 20000};
    for (RatedCandidate& each : rated_.space.candidates) {
      const bool keep = IsKeep(each.candidate);
      each.usage = keep ? Usage{30, 3000, 3000} : Usage{3, 300, 300};
      each.score = keep ? 0.0 : 0.1 * (1 + each.candidate.first);
    }
  }

  std::vector<Point> Solved() {
    const auto roots = SolveForRoots(rated_);
    EXPECT_TRUE(roots) << roots.error().message;
    return roots.value_or(std::vector<Point>());
  }

  double Cost(const Point& point) const {
    return Of(rated_.pricing.objective, Predicted(rated_.space, rated_.pricing, point.genes));
  }

  RatedSpace rated_;
};

TEST_F(SolveRootsTest, AreDistinctCoversCheaperThanTheOriginal) {
  const std::vector<Point> roots = Solved();
  ASSERT_FALSE(roots.empty());
  std::set<std::string> keys;
  for (const Point& root : roots) {
    EXPECT_TRUE(CheckCovers(rated_.space, {root.genes}));
    EXPECT_TRUE(keys.insert(root.Key()).second) << root.Key();
    EXPECT_LT(Cost(root), rated_.pricing.original.latency);
  }
  EXPECT_GE(Cost(roots.front()), Cost(roots.back())) << "the most expensive come first";
}

TEST_F(SolveRootsTest, WhatHasNoScoreIsNotPicked) {
  for (size_t i = 0; i < rated_.space.candidates.size(); ++i) {
    RatedCandidate& each = rated_.space.candidates[i];
    if (!IsKeep(each.candidate) && i % 2 == 0) each.score.reset();
  }
  for (const Point& root : Solved()) {
    for (const int gene : root.genes) {
      EXPECT_TRUE(rated_.space.candidates[static_cast<size_t>(gene)].score) << gene;
    }
  }
}

TEST_F(SolveRootsTest, ABoundBesideTheObjectiveIsKept) {
  rated_.pricing.bounds.size = 13000;  // the parts may have 4000 bytes less than they have
  for (const Point& root : Solved()) {
    EXPECT_LE(Predicted(rated_.space, rated_.pricing, root.genes).size, 13000) << root.Key();
  }
  rated_.pricing.objective = Objective::kSize;
  rated_.pricing.bounds = {.latency = 75};
  rated_.pricing.scale = 1;
  for (const Point& root : Solved()) {
    EXPECT_LE(Predicted(rated_.space, rated_.pricing, root.genes).latency, 75.01) << root.Key();
  }
}

TEST_F(SolveRootsTest, WithoutCandidatesThereIsNoneAndWithBoundsThatIsAnError) {
  for (RatedCandidate& each : rated_.space.candidates) {
    if (!IsKeep(each.candidate)) each.score.reset();
  }
  const auto none = SolveForRoots(rated_);
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_TRUE(none->empty());
  rated_.pricing.bounds.size = 1;
  const auto bounded = SolveForRoots(rated_);
  ASSERT_FALSE(bounded);
  EXPECT_EQ(bounded.error().kind, ErrorKind::kNothingMet);
  EXPECT_THAT(bounded.error().message, HasSubstr("loosen them"));
}

TEST_F(SolveRootsTest, OneCandidateThatSavesALittleIsEnough) {
  bool first = true;
  for (RatedCandidate& each : rated_.space.candidates) {
    if (IsKeep(each.candidate)) continue;
    if (!first || !each.score || !each.usage) each.score.reset();
    first = first && !each.score;
  }
  ASSERT_FALSE(first) << "a candidate has a score";
  const std::vector<Point> roots = Solved();
  ASSERT_FALSE(roots.empty());
  const Usage kept = SumOf(rated_.space, Original(rated_.space).picks);
  for (const Point& root : roots) EXPECT_LT(SumOf(rated_.space, root.genes).latency, kept.latency);
}

}  // namespace
}  // namespace nacre
