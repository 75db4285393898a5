#include "space/architectures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "graph/builder.h"
#include "graph/shapes.h"

namespace nacre {
namespace {

std::string Residual(NetworkBuilder& b, const std::string& x, int64_t width) {
  const std::string inner =
      b.BatchNorm(b.Conv(b.ConvBn(x, {.out = width}), {.out = width, .bias = false}));
  return b.Activation(b.Add(inner, x), "Relu");
}

// Two stages of two residual blocks; scores and latencies made up, latency after multiplications.
class ArchitectureSpaceTest : public testing::Test {
 protected:
  ArchitectureSpaceTest() {
    NetworkBuilder b("net", "image", {kDynamic, 3, 16, 16}, Random(1));
    std::string x = b.ConvBn("image", {.out = 32});
    for (int i = 0; i < 2; ++i) x = Residual(b, x, 32);
    x = b.ConvBn(x, {.out = 64, .stride = 2});
    for (int i = 0; i < 2; ++i) x = Residual(b, x, 64);
    const std::string logits = b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10);
    space_ = *BuildSpace(std::move(b).Finish(logits, "logits"), {});
    pricing_.original = {100, 1e6, 1e6};
    for (RatedCandidate& rated : space_.candidates) {
      rated.score = IsKeep(rated.candidate) ? 0 : 0.1;
      Usage usage = UsageOf(rated.candidate.fragment, pricing_.target).value();
      usage.latency = 1 + 1e-6 * static_cast<double>(CostOf(rated.candidate.fragment)->macs);
      rated.usage = usage;
    }
    root_ = {Original(space_).picks};
  }

  ArchitectureSpace Make() const { return ArchitectureSpace(space_, pricing_, {root_}); }

  // The root with the candidate in place of the blocks that it replaces.
  Point Replaced(size_t index) const {
    const Candidate& candidate = space_.candidates[index].candidate;
    Point point;
    for (const int gene : root_.genes) {
      const int block = space_.candidates[static_cast<size_t>(gene)].candidate.first;
      if (block == candidate.first) point.genes.push_back(static_cast<int>(index));
      if (block < candidate.first || block > candidate.last) point.genes.push_back(gene);
    }
    return point;
  }

  // The first candidate for just these blocks that changes them.
  size_t Change(int first, int last) const {
    for (size_t i = 0; i < space_.candidates.size(); ++i) {
      const Candidate& candidate = space_.candidates[i].candidate;
      const bool here = candidate.first == first && candidate.last == last;
      if (here && !IsKeep(candidate)) return i;
    }
    ADD_FAILURE() << "no candidate for blocks " << first << " to " << last;
    return 0;
  }

  Space space_;
  PricingContext pricing_;
  Point root_;
};

TEST_F(ArchitectureSpaceTest, NeighboursCoverTheNetworkAndAreDistinct) {
  const ArchitectureSpace space = Make();
  std::set<std::string> seen;
  for (const Point& point : space.Neighbours(root_)) {
    EXPECT_TRUE(CheckCovers(space_, {point.genes})) << space.Describe(point);
    EXPECT_TRUE(seen.insert(point.Key()).second) << space.Describe(point);
    EXPECT_NE(point.Key(), root_.Key());
  }
  EXPECT_GT(seen.size(), space_.blocks.size());
}

TEST_F(ArchitectureSpaceTest, MovesMakeTheNetworkSmallerAndAreBuilt) {
  const ArchitectureSpace space = Make();
  const auto original = CostOf(space_.network)->macs;
  int moved = 0;
  for (const Point& point : space.Neighbours(root_)) {
    if (point.moves.empty()) continue;
    ++moved;
    const auto network = space.Build(point);
    ASSERT_TRUE(network) << network.error().message;
    EXPECT_LT(CostOf(*network)->macs, original) << space.Describe(point);
    EXPECT_LT(*space.Cost(point), *space.Cost(root_));
    EXPECT_NE(space.Describe(point).find(point.moves[0]), std::string::npos);
  }
  EXPECT_GT(moved, 2);
}

TEST_F(ArchitectureSpaceTest, MovesComeLastAndEnd) {
  const ArchitectureSpace space = Make();
  Point point = root_;
  for (size_t depth = 1; depth <= 2; ++depth) {
    const auto next = space.Neighbours(point);
    const auto moved =
        std::find_if(next.begin(), next.end(), [](const Point& p) { return !p.moves.empty(); });
    ASSERT_NE(moved, next.end());
    point = *moved;
    EXPECT_EQ(point.moves.size(), depth);
    EXPECT_EQ(point.genes, root_.genes);
    EXPECT_LT(*space.Cost(point), (1 - 1e-6) * *space.Cost(root_));
    const ArchitectureSpace another = Make();  // in which nobody has asked for neighbours
    EXPECT_EQ(another.Cost(point), space.Cost(point));
    EXPECT_EQ(another.Features(point), space.Features(point));
  }
  EXPECT_TRUE(space.Neighbours(point).empty());
}

TEST_F(ArchitectureSpaceTest, CandidatesThatFailedAreNeverOffered) {
  for (RatedCandidate& rated : space_.candidates) {
    if (!IsKeep(rated.candidate)) rated.score.reset();
  }
  const ArchitectureSpace space = Make();
  for (const Point& point : space.Neighbours(root_)) EXPECT_FALSE(point.moves.empty());
}

TEST_F(ArchitectureSpaceTest, WhatBreaksABoundIsNotTried) {
  const double original = Make().Cost(root_).value();
  EXPECT_NEAR(original, 100, 1e-9);
  for (const Bounds& bounds : {Bounds{.latency = 50}, Bounds{.throughput = 20000},
                               Bounds{.size = 5e5}, Bounds{.memory = 5e5}}) {
    pricing_.bounds = bounds;
    const ArchitectureSpace space = Make();
    EXPECT_FALSE(space.Cost(root_));
  }
}

TEST_F(ArchitectureSpaceTest, CostsAreThoseOfTheObjective) {
  pricing_.objective = Objective::kSize;
  const ArchitectureSpace space = Make();
  EXPECT_NEAR(*space.Cost(root_), 1e6, 1e-6);
  int smaller = 0;
  for (const Point& point : space.Neighbours(root_)) smaller += *space.Cost(point) < 1e6 ? 1 : 0;
  EXPECT_GT(smaller, 10);
}

TEST_F(ArchitectureSpaceTest, WhatIsDerivedHasTheStructureOfWhatIsBuilt) {
  const ArchitectureSpace space = Make();
  EXPECT_EQ(space.Shared(root_, root_), 1);
  const Network trained = space.Build(root_).value();
  int swapped = 0, moved = 0;
  for (const Point& point : space.Neighbours(root_)) {
    if ((point.moves.empty() ? swapped : moved)++ > 8) continue;
    const auto derived = space.Derive(point, root_, trained);
    ASSERT_TRUE(derived) << derived.error().message;
    EXPECT_EQ(StructuralHash(*derived), StructuralHash(space.Build(point).value()))
        << space.Describe(point);
    if (!point.moves.empty()) continue;
    EXPECT_LT(space.Shared(root_, point), 1);
    EXPECT_GT(space.Shared(root_, point), 0);
  }
  EXPECT_GT(swapped, 8);
  EXPECT_GT(moved, 2);
}

TEST_F(ArchitectureSpaceTest, OtherPicksAreNotTakenOverByANetworkWithMoves) {
  const ArchitectureSpace space = Make();
  const auto all = space.Neighbours(root_);
  const auto moved =
      std::find_if(all.begin(), all.end(), [](const Point& p) { return !p.moves.empty(); });
  const auto swapped =
      std::find_if(all.begin(), all.end(), [](const Point& p) { return p.moves.empty(); });
  ASSERT_TRUE(moved != all.end() && swapped != all.end());
  Point both = *swapped;
  both.moves = moved->moves;
  EXPECT_FALSE(space.Derive(both, *moved, space.Build(*moved).value()));
}

TEST_F(ArchitectureSpaceTest, BeginsWithItsRoots) {
  const Point other = Replaced(Change(2, 2));
  const ArchitectureSpace space(space_, pricing_, {root_, other});
  EXPECT_EQ(space.Roots(), (std::vector<Point>{root_, other}));
}

TEST_F(ArchitectureSpaceTest, WhatIsNotCheaperThanTheBlocksItReplacesIsNeverOffered) {
  const size_t change = Change(2, 2);
  const auto offered = [&] {
    const auto all = Make().Neighbours(root_);
    return std::find(all.begin(), all.end(), Replaced(change)) != all.end();
  };
  space_.candidates[change].usage->latency = 0;
  EXPECT_TRUE(offered());
  space_.candidates[change].usage->latency = 1000;
  EXPECT_FALSE(offered());
}

TEST_F(ArchitectureSpaceTest, PredictsTheUsageOfMoves) {
  const ArchitectureSpace space = Make();
  EXPECT_NEAR(space.Predicted(root_).memory, 1e6, 1e-6);
  int moved = 0;
  for (const Point& point : space.Neighbours(root_)) {
    if (point.moves.empty()) continue;
    ++moved;
    EXPECT_LT(space.Predicted(point).latency, 100) << space.Describe(point);
    EXPECT_GT(space.Predicted(point).latency, (1 - priors::kLatencyShareOfMacs) * 100);
    EXPECT_EQ(space.Predicted(point).latency, space.Cost(point));
  }
  EXPECT_GT(moved, 2);
}

TEST_F(ArchitectureSpaceTest, AChildHasTheBeginningOfOneParentAndTheEndOfTheOther) {
  const ArchitectureSpace space = Make();
  const size_t early = Change(1, 1);
  const size_t late = Change(4, 4);
  const Point one = Replaced(early);
  const Point other = Replaced(late);
  Random random(3);
  for (int i = 0; i < 20; ++i) {
    const auto child = space.Cross(one, other, random);
    ASSERT_TRUE(child);
    EXPECT_TRUE(CheckCovers(space_, {child->genes}));
    EXPECT_NE(*child, one);
    EXPECT_NE(*child, other);
    // Nothing else lies between the two changes: the child has both of them.
    EXPECT_EQ(child->genes[1], static_cast<int>(early));
    EXPECT_EQ(child->genes[4], static_cast<int>(late));
  }
}

TEST_F(ArchitectureSpaceTest, ParentsAreCrossedWhereBothCanBeCut) {
  const ArchitectureSpace space = Make();
  Point one = Replaced(Change(1, 2));  // cannot be cut at block 2
  const Point other = Replaced(Change(4, 4));
  Random random(3);
  std::set<std::string> children;
  for (int i = 0; i < 50; ++i) {
    const auto child = space.Cross(one, other, random);
    ASSERT_TRUE(child);
    EXPECT_TRUE(CheckCovers(space_, {child->genes})) << space.Describe(*child);
    children.insert(child->Key());
  }
  EXPECT_EQ(children.size(), 1u);  // the two changes together
  // The other way round the only child that differs from both parents is the original.
  EXPECT_EQ(space.Cross(other, one, random), root_);
}

TEST_F(ArchitectureSpaceTest, ThereIsNoChildThatEqualsAParent) {
  const ArchitectureSpace space = Make();
  Random random(3);
  const Point changed = Replaced(Change(2, 2));
  EXPECT_FALSE(space.Cross(root_, root_, random));
  EXPECT_FALSE(space.Cross(root_, changed, random));
  EXPECT_FALSE(space.Cross(changed, root_, random));
}

TEST_F(ArchitectureSpaceTest, NetworksWithMovesAreNotCrossed) {
  const ArchitectureSpace space = Make();
  Point one = Replaced(Change(1, 1));
  const Point other = Replaced(Change(4, 4));
  Random random(3);
  ASSERT_TRUE(space.Cross(one, other, random));
  one.moves = {"stem:stride2"};
  EXPECT_FALSE(space.Cross(one, other, random));
  EXPECT_FALSE(space.Cross(other, one, random));
}

}  // namespace
}  // namespace nacre
