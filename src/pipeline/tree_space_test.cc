#include "pipeline/tree_space.h"

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
Context MakeContext() {
  NetworkBuilder b("net", "image", {kDynamic, 3, 16, 16}, Random(1));
  std::string x = b.ConvBn("image", {.out = 32});
  for (int i = 0; i < 2; ++i) x = Residual(b, x, 32);
  x = b.ConvBn(x, {.out = 64, .stride = 2});
  for (int i = 0; i < 2; ++i) x = Residual(b, x, 64);
  const std::string logits = b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10);
  Context context;
  context.space = *BuildSpace(std::move(b).Finish(logits, "logits"), {});
  context.original_usage = {100, 1e6, 1e6};
  for (const Candidate& candidate : context.space.candidates) {
    const bool keep = candidate.kind == "keep";
    context.scores.push_back(keep ? 0 : 0.1);
    Usage usage = UsageOf(candidate.fragment, context.config.target).value();
    usage.latency = 1 + 1e-6 * static_cast<double>(CostOf(candidate.fragment)->macs);
    context.usages.push_back(usage);
    context.useful.push_back(true);
  }
  context.roots.push_back({Original(context.space).picks});
  return context;
}

TEST(ArchitectureSpace, NeighboursCoverTheNetworkAndAreDistinct) {
  const Context context = MakeContext();
  const ArchitectureSpace space(context);
  const TreeSpace tree = space.Tree(context.roots);
  std::set<std::string> seen;
  for (const Point& point : tree.neighbours(tree.roots[0])) {
    EXPECT_TRUE(CheckCovers(context.space, {point.genes})) << space.Describe(point);
    EXPECT_TRUE(seen.insert(point.Key()).second) << space.Describe(point);
    EXPECT_NE(point.Key(), tree.roots[0].Key());
  }
  EXPECT_GT(seen.size(), context.space.blocks.size());
}

TEST(ArchitectureSpace, MovesMakeTheNetworkSmallerAndAreBuilt) {
  const Context context = MakeContext();
  const ArchitectureSpace space(context);
  const TreeSpace tree = space.Tree(context.roots);
  const auto original = CostOf(context.space.network)->macs;
  int moved = 0;
  for (const Point& point : tree.neighbours(tree.roots[0])) {
    if (point.moves.empty()) continue;
    ++moved;
    const auto network = space.Build(point);
    ASSERT_TRUE(network) << network.error().message;
    EXPECT_LT(CostOf(*network)->macs, original) << space.Describe(point);
    EXPECT_LT(tree.cost(point), tree.cost(tree.roots[0]));
    EXPECT_NE(space.Describe(point).find(point.moves[0]), std::string::npos);
  }
  EXPECT_GT(moved, 2);
}

TEST(ArchitectureSpace, MovesComeLastAndEnd) {
  const Context context = MakeContext();
  const ArchitectureSpace space(context);
  const TreeSpace tree = space.Tree(context.roots);
  Point point = tree.roots[0];
  for (size_t depth = 1; depth <= 2; ++depth) {
    const auto next = tree.neighbours(point);
    const auto moved =
        std::find_if(next.begin(), next.end(), [](const Point& p) { return !p.moves.empty(); });
    ASSERT_NE(moved, next.end());
    point = *moved;
    EXPECT_EQ(point.moves.size(), depth);
    EXPECT_EQ(point.genes, tree.roots[0].genes);
    EXPECT_LT(tree.cost(point), (1 - 1e-6) * tree.cost(tree.roots[0]));
    const ArchitectureSpace another(context);  // in which nobody has asked for neighbours
    EXPECT_EQ(another.Tree(context.roots).cost(point), tree.cost(point));
    EXPECT_EQ(another.Tree(context.roots).features(point), tree.features(point));
  }
  EXPECT_TRUE(tree.neighbours(point).empty());
}

TEST(ArchitectureSpace, CandidatesThatFailedAreNeverOffered) {
  Context context = MakeContext();
  for (size_t i = 0; i < context.scores.size(); ++i) {
    if (context.space.candidates[i].kind != "keep") context.scores[i] = -1;
  }
  const ArchitectureSpace space(context);
  for (const Point& point : space.Tree(context.roots).neighbours(context.roots[0]))
    EXPECT_FALSE(point.moves.empty());
}

TEST(ArchitectureSpace, WhatBreaksABoundIsNotTried) {
  Context context = MakeContext();
  const double original = ArchitectureSpace(context).Tree(context.roots).cost(context.roots[0]);
  EXPECT_NEAR(original, 100, 1e-9);
  for (const Bounds& bounds : {Bounds{.latency = 50}, Bounds{.throughput = 20000},
                               Bounds{.size = 5e5}, Bounds{.memory = 5e5}}) {
    context.config.bounds = bounds;
    const ArchitectureSpace space(context);
    const TreeSpace tree = space.Tree(context.roots);
    EXPECT_LT(tree.cost(context.roots[0]), 0);
  }
}

TEST(ArchitectureSpace, CostsAreThoseOfTheObjective) {
  Context context = MakeContext();
  context.config.objective = "size";
  const ArchitectureSpace space(context);
  const TreeSpace tree = space.Tree(context.roots);
  EXPECT_NEAR(tree.cost(context.roots[0]), 1e6, 1e-6);
  int smaller = 0;
  for (const Point& point : tree.neighbours(context.roots[0])) smaller += tree.cost(point) < 1e6;
  EXPECT_GT(smaller, 10);
}

TEST(ArchitectureSpace, WhatIsDerivedHasTheStructureOfWhatIsBuilt) {
  const Context context = MakeContext();
  const ArchitectureSpace space(context);
  const TreeSpace tree = space.Tree(context.roots);
  const Point& root = tree.roots[0];
  EXPECT_EQ(space.Shared(root, root), 1);
  const Network trained = space.Build(root).value();
  int swapped = 0, moved = 0;
  for (const Point& point : tree.neighbours(root)) {
    if ((point.moves.empty() ? swapped : moved)++ > 8) continue;
    const auto derived = space.Derive(point, root, trained);
    ASSERT_TRUE(derived) << derived.error().message;
    EXPECT_EQ(StructuralHash(*derived), StructuralHash(space.Build(point).value()))
        << space.Describe(point);
    if (!point.moves.empty()) continue;
    EXPECT_LT(space.Shared(root, point), 1);
    EXPECT_GT(space.Shared(root, point), 0);
  }
  EXPECT_GT(swapped, 8);
  EXPECT_GT(moved, 2);
}

TEST(ArchitectureSpace, OtherPicksAreNotTakenOverByANetworkWithMoves) {
  const Context context = MakeContext();
  const ArchitectureSpace space(context);
  const auto all = space.Tree(context.roots).neighbours(context.roots[0]);
  const auto moved =
      std::find_if(all.begin(), all.end(), [](const Point& p) { return !p.moves.empty(); });
  const auto swapped =
      std::find_if(all.begin(), all.end(), [](const Point& p) { return p.moves.empty(); });
  ASSERT_TRUE(moved != all.end() && swapped != all.end());
  Point both = *swapped;
  both.moves = moved->moves;
  EXPECT_FALSE(space.Derive(both, *moved, space.Build(*moved).value()));
}

}  // namespace
}  // namespace nacre
