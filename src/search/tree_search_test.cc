#include "search/tree_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "testing/landscape.h"

namespace nacre {
namespace {

TreeSearchOptions Options(uint64_t seed = 0) {
  TreeSearchOptions options;
  options.rungs = {40, 8, 3};
  options.wanted = 0.885;
  options.trained = Landscape::Trained;
  options.seed = seed;
  return options;
}

struct Played {
  std::vector<std::string> asked;
  double best =
      std::numeric_limits<double>::infinity();  // latency, of those that are good enough in the end
};

Played Play(Strategy& strategy, const Landscape& landscape, double wanted) {
  Played played;
  while (const auto trial = strategy.Ask()) {
    played.asked.push_back(trial->point.Key() + "@" + std::to_string(trial->rung));
    strategy.Tell(*trial, landscape.Evaluate(*trial));
    if (landscape.Final(trial->point) >= wanted) {
      played.best = std::min(played.best, landscape.Latency(trial->point));
    }
  }
  return played;
}

TEST(TreeSearch, ComesNearTheKnownOptimumAndBeatsRandomSearch) {
  double tree_sum = 0, random_sum = 0, optimum_sum = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const Landscape landscape(6, 5, seed);
    const TreeSearchOptions options = Options(seed);
    TreeSearch tree(landscape.Space(), options);
    const auto random = MakeRandomSearch(landscape.Space(), options);
    tree_sum += Play(tree, landscape, options.wanted).best;
    random_sum += std::min(600.0, Play(*random, landscape, options.wanted).best);
    optimum_sum += landscape.BestLatency(options.wanted);
  }
  EXPECT_LT(tree_sum, 1.15 * optimum_sum);
  EXPECT_LT(tree_sum, random_sum);
}

TEST(TreeSearch, SameSeedAndOutcomesSameTrials) {
  const Landscape landscape(6, 5, 3);
  TreeSearch a(landscape.Space(), Options()), b(landscape.Space(), Options());
  EXPECT_EQ(Play(a, landscape, 0.885).asked, Play(b, landscape, 0.885).asked);
}

TEST(TreeSearch, RungsHaveTheirSizesAndNoPointTwiceInOne) {
  const Landscape landscape(6, 5, 4);
  TreeSearch tree(landscape.Space(), Options());
  const Played played = Play(tree, landscape, 0.885);
  EXPECT_EQ(played.asked.size(), 40u + 8 + 3);
  const std::set<std::string> distinct(played.asked.begin(), played.asked.end());
  EXPECT_EQ(distinct.size(), played.asked.size());
}

// Roots 0, 1, ... without neighbours, each twice as fast as the one before; `accuracies` of the
// first rung in their order.
int RootsAsked(const std::vector<double>& accuracies) {
  TreeSpace space;
  for (size_t i = 0; i < accuracies.size(); ++i)
    space.roots.push_back({.genes = {static_cast<int>(i)}});
  space.neighbours = [](const Point&) { return std::vector<Point>(); };
  space.features = [](const Point& point) {
    return std::vector<double>{static_cast<double>(point.genes[0])};
  };
  space.cost = [](const Point& point) { return 1000 / std::pow(2, point.genes[0]); };
  TreeSearchOptions options = Options();
  options.rungs = {static_cast<int>(accuracies.size()), 1};
  options.roots = 1;
  TreeSearch tree(space, options);
  int asked = 0;
  while (const auto trial = tree.Ask()) {
    if (trial->rung == 0) ++asked;
    const auto root = static_cast<size_t>(trial->point.genes[0]);
    tree.Tell(*trial, {.accuracy = accuracies[root], .cost = space.cost(trial->point)});
  }
  return asked;
}

TEST(TreeSearch, TwoHopelessRootsEndTheSweep) {
  EXPECT_EQ(RootsAsked({0.89, 0.4, 0.3, 0.2, 0.1}), 3);
  EXPECT_EQ(RootsAsked({0.89, 0.4, 0.88, 0.3, 0.87}), 5);  // never two in a row
  EXPECT_EQ(RootsAsked({0.89, 0.89, 0.89, 0.89, 0.89}), 5);
}

// Of two roots with the same accuracy and cost the one that has trained less stands to gain more;
// so does what is made of it.
TEST(TreeSearch, GoesOnFromWhatHasMostToGain) {
  TreeSpace space;
  space.roots = {{.genes = {0, 0}}, {.genes = {1, 0}}};
  space.neighbours = [](const Point& point) {
    return std::vector<Point>{{.genes = {point.genes[0], 1}}};
  };
  space.features = [](const Point&) { return std::vector<double>{0}; };
  space.cost = [](const Point& point) { return 100.0 - point.genes[1]; };
  for (const int fresh : {0, 1}) {
    TreeSearchOptions options = Options();
    options.rungs = {3, 1};
    options.roots = 2.0 / 3;
    TreeSearch tree(space, options);
    for (int k = 0; k < 2; ++k) {
      const auto root = tree.Ask();
      tree.Tell(
          *root,
          {.accuracy = 0.85, .cost = 100, .epochs = root->point.genes[0] == fresh ? 0.0 : 2.0});
    }
    const auto child = tree.Ask();
    ASSERT_TRUE(child && child->parent);
    EXPECT_EQ(child->parent->genes[0], fresh);
  }
}

TEST(TreeSearch, FailedTrialsNeverSurvive) {
  const Landscape landscape(6, 5, 5);
  TreeSearch tree(landscape.Space(), Options());
  std::set<std::string> failed;
  while (const auto trial = tree.Ask()) {
    Outcome outcome = landscape.Evaluate(*trial);
    if (trial->rung == 0 && failed.size() < 10) {
      outcome = {.error = "the compiler crashed"};
      failed.insert(trial->point.Key());
    }
    if (trial->rung > 0) {
      EXPECT_EQ(failed.count(trial->point.Key()), 0u);
    }
    tree.Tell(*trial, outcome);
  }
  EXPECT_EQ(failed.size(), 10u);
}

TEST(ParetoFront, KeepsWhatNothingBeats) {
  const auto at = [](double cost, double accuracy, std::string error = "") {
    return Evaluated{{}, {.accuracy = accuracy, .cost = cost, .error = std::move(error)}};
  };
  const auto front =
      ParetoFront({at(3, 0.9), at(1, 0.5), at(2, 0.4), at(2, 0.7), at(0.1, 1, "failed")});
  ASSERT_EQ(front.size(), 3u);
  EXPECT_EQ(front[0].outcome.cost, 1);
  EXPECT_EQ(front[1].outcome.accuracy, 0.7);
  EXPECT_EQ(front[2].outcome.cost, 3);
}

}  // namespace
}  // namespace nacre
