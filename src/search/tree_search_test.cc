#include "search/tree_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

#include "search/random_search.h"
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

std::string Name(const Trial& trial) {
  return trial.point.Key() + "@" + std::to_string(trial.rung);
}

// The next trial of one by one; nothing when the search has ended.
std::optional<Trial> AskOne(Strategy& strategy) {
  std::vector<Trial> trials = strategy.Ask(1);
  EXPECT_LE(trials.size(), 1u);
  if (trials.empty()) return std::nullopt;
  return std::move(trials[0]);
}

// Trials are asked for by `most` and told last first.
Played Play(Strategy& strategy, const Landscape& landscape, double wanted, size_t most = 1) {
  Played played;
  for (auto trials = strategy.Ask(most); !trials.empty(); trials = strategy.Ask(most)) {
    EXPECT_LE(trials.size(), most);
    std::reverse(trials.begin(), trials.end());
    for (const Trial& trial : trials) {
      played.asked.push_back(Name(trial));
      strategy.Tell(trial, landscape.Evaluate(trial));
      if (landscape.Final(trial.point) >= wanted) {
        played.best = std::min(played.best, landscape.Latency(trial.point));
      }
    }
  }
  return played;
}

TEST(TreeSearch, ComesNearTheKnownOptimumAndBeatsRandomSearch) {
  double tree_sum = 0, random_sum = 0, optimum_sum = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const Landscape landscape(6, 5, seed);
    const TreeSearchOptions options = Options(seed);
    TreeSearch tree(landscape, options);
    const auto random = MakeRandomSearch(landscape, options);
    tree_sum += Play(tree, landscape, options.wanted).best;
    random_sum += std::min(600.0, Play(*random, landscape, options.wanted).best);
    optimum_sum += landscape.BestLatency(options.wanted);
  }
  EXPECT_LT(tree_sum, 1.15 * optimum_sum);
  EXPECT_LT(tree_sum, random_sum);
}

TEST(TreeSearch, SameSeedAndOutcomesSameTrials) {
  const Landscape landscape(6, 5, 3);
  TreeSearch a(landscape, Options()), b(landscape, Options());
  EXPECT_EQ(Play(a, landscape, 0.885).asked, Play(b, landscape, 0.885).asked);
}

TEST(TreeSearch, RungsHaveTheirSizesAndNoPointTwiceInOne) {
  const Landscape landscape(6, 5, 4);
  TreeSearch tree(landscape, Options());
  const Played played = Play(tree, landscape, 0.885);
  EXPECT_EQ(played.asked.size(), 40u + 8 + 3);
  const std::set<std::string> distinct(played.asked.begin(), played.asked.end());
  EXPECT_EQ(distinct.size(), played.asked.size());
}

// Roots 0, 1, ... without neighbours, each twice as fast as the one before.
class RootsAlone : public SearchSpace {
 public:
  explicit RootsAlone(int count) : count_(count) {}

  std::vector<Point> Roots() const override {
    std::vector<Point> roots;
    for (int i = 0; i < count_; ++i) roots.push_back({.genes = {i}});
    return roots;
  }
  std::vector<Point> Neighbours(const Point&) const override { return {}; }
  std::optional<Point> Cross(const Point&, const Point&, Random&) const override {
    return std::nullopt;
  }
  std::optional<double> Cost(const Point& point) const override {
    return 1000 / std::pow(2, point.genes[0]);
  }
  std::vector<double> Features(const Point& point) const override {
    return {static_cast<double>(point.genes[0])};
  }

 private:
  int count_;
};

// How many roots are asked for; `accuracies` of the first rung in their order.
int RootsAsked(const std::vector<double>& accuracies) {
  const RootsAlone space(static_cast<int>(accuracies.size()));
  TreeSearchOptions options = Options();
  options.rungs = {static_cast<int>(accuracies.size()), 1};
  options.roots = 1;
  TreeSearch tree(space, options);
  int asked = 0;
  while (const auto trial = AskOne(tree)) {
    if (trial->rung == 0) ++asked;
    const auto root = static_cast<size_t>(trial->point.genes[0]);
    tree.Tell(*trial, {.accuracy = accuracies[root], .cost = *space.Cost(trial->point)});
  }
  return asked;
}

TEST(TreeSearch, TwoHopelessRootsEndTheSweep) {
  EXPECT_EQ(RootsAsked({0.89, 0.4, 0.3, 0.2, 0.1}), 3);
  EXPECT_EQ(RootsAsked({0.89, 0.4, 0.88, 0.3, 0.87}), 5);  // never two in a row
  EXPECT_EQ(RootsAsked({0.89, 0.89, 0.89, 0.89, 0.89}), 5);
}

// Two roots, and of each the same change, which makes it a little faster.
class TwoRoots : public SearchSpace {
 public:
  std::vector<Point> Roots() const override { return {{.genes = {0, 0}}, {.genes = {1, 0}}}; }
  std::vector<Point> Neighbours(const Point& point) const override {
    return {{.genes = {point.genes[0], 1}}};
  }
  std::optional<Point> Cross(const Point&, const Point&, Random&) const override {
    return std::nullopt;
  }
  std::optional<double> Cost(const Point& point) const override { return 100.0 - point.genes[1]; }
  std::vector<double> Features(const Point&) const override { return {0}; }
};

// Of two roots with the same accuracy and cost the one that has trained less is expected to gain
// more; so is what is made of it.
TEST(TreeSearch, GoesOnFromWhatHasMostToGain) {
  const TwoRoots space;
  for (const int fresh : {0, 1}) {
    TreeSearchOptions options = Options();
    options.rungs = {3, 1};
    options.roots = 2.0 / 3;
    TreeSearch tree(space, options);
    for (int k = 0; k < 2; ++k) {
      const auto root = AskOne(tree);
      tree.Tell(
          *root,
          {.accuracy = 0.85, .cost = 100, .epochs = root->point.genes[0] == fresh ? 0.0 : 2.0});
    }
    const auto child = AskOne(tree);
    ASSERT_TRUE(child && child->parent);
    EXPECT_EQ(child->parent->genes[0], fresh);
  }
}

TEST(TreeSearch, FailedTrialsNeverSurvive) {
  const Landscape landscape(6, 5, 5);
  TreeSearch tree(landscape, Options());
  std::set<std::string> failed;
  while (const auto trial = AskOne(tree)) {
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

// Neither a failure nor a number that is none.
TEST(TreeSearch, NaNIsAFailure) {
  const Landscape landscape(6, 5, 5);
  TreeSearch tree(landscape, Options());
  std::set<std::string> broken;
  while (const auto trial = AskOne(tree)) {
    Outcome outcome = landscape.Evaluate(*trial);
    if (trial->rung == 0 && broken.size() < 10) {
      (broken.size() % 2 ? outcome.cost : outcome.accuracy) = std::nan("");
      broken.insert(trial->point.Key());
    }
    EXPECT_TRUE(trial->rung == 0 || !broken.count(trial->point.Key()));
    tree.Tell(*trial, outcome);
  }
  EXPECT_EQ(broken.size(), 10u);
}

TEST(TreeSearch, SeveralAtOnceAreDistinctAndNeverAskedForAgain) {
  for (const size_t most : {2, 3, 7, 100}) {
    const Landscape landscape(6, 5, 6);
    TreeSearch tree(landscape, Options());
    const Played played = Play(tree, landscape, 0.885, most);
    const std::set<std::string> distinct(played.asked.begin(), played.asked.end());
    EXPECT_EQ(distinct.size(), played.asked.size()) << most;
    EXPECT_EQ(played.asked.size(), 40u + 8 + 3) << most;
    EXPECT_EQ(tree.evaluated().size(), played.asked.size()) << most;
  }
}

TEST(TreeSearch, SeveralAtOnceFindWhatOneByOneFinds) {
  double together = 0, alone = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const Landscape landscape(6, 5, seed);
    TreeSearch one(landscape, Options(seed)), four(landscape, Options(seed));
    alone += Play(one, landscape, 0.885).best;
    together += Play(four, landscape, 0.885, 4).best;
  }
  EXPECT_LT(together, 1.1 * alone);
}

TEST(TreeSearch, WaitsForOutcomesBeforeItGoesOn) {
  const Landscape landscape(6, 5, 7);
  TreeSearchOptions options = Options();
  options.rungs = {10, 4};
  TreeSearch tree(landscape, options);
  std::vector<Trial> trials = tree.Ask(100);
  EXPECT_EQ(trials.size(), 4u) << "roots; what follows depends on how they do";
  EXPECT_TRUE(tree.Ask(100).empty());
  tree.Tell(trials[0], landscape.Evaluate(trials[0]));
  std::vector<Trial> more = tree.Ask(100);
  EXPECT_EQ(more.size(), 6u);
  for (const Trial& trial : more) EXPECT_EQ(trial.parent, trials[0].point);
  trials.insert(trials.end(), more.begin(), more.end());
  for (size_t i = 1; i < trials.size(); ++i) {
    EXPECT_TRUE(tree.Ask(1).empty()) << "the next rung needs all of this one";
    tree.Tell(trials[i], landscape.Evaluate(trials[i]));
  }
  const std::vector<Trial> next = tree.Ask(100);
  ASSERT_EQ(next.size(), 4u);
  for (const Trial& trial : next) EXPECT_EQ(trial.rung, 1);
}

TEST(TreeSearch, NeedsARung) {
  const Landscape landscape(2, 2, 0);
  TreeSearchOptions options = Options();
  options.rungs = {};
  EXPECT_THROW(TreeSearch(landscape, options), std::logic_error);
}

// What the search asks for one by one, written down when it could only be asked so.
TEST(TreeSearch, OneByOneItAsksForTheTrialsThatItAlwaysAskedFor) {
  const Landscape landscape(4, 3, 2);
  TreeSearchOptions options = Options();
  options.rungs = {10, 3};
  TreeSearch tree(landscape, options);
  const std::vector<std::string> expected = {
      "0,0,0,0@0", "1,1,1,1@0", "2,2,2,2@0", "1,0,0,0@0", "2,0,0,0@0", "2,0,0,2@0", "1,0,0,2@0",
      "0,2,2,2@0", "0,2,2,1@0", "0,2,1,2@0", "1,0,0,2@1", "2,0,0,2@1", "0,2,2,2@1"};
  EXPECT_EQ(Play(tree, landscape, options.wanted).asked, expected);
}

TEST(RandomSearch, SeveralAtOnceAreThoseOfOneByOne) {
  const Landscape landscape(6, 5, 8);
  const auto one = MakeRandomSearch(landscape, Options(3));
  const auto many = MakeRandomSearch(landscape, Options(3));
  std::vector<std::string> by_one, by_many;
  while (const auto trial = AskOne(*one)) by_one.push_back(Name(*trial));
  for (auto trials = many->Ask(7); !trials.empty(); trials = many->Ask(7)) {
    for (const Trial& trial : trials) by_many.push_back(Name(trial));
  }
  EXPECT_EQ(by_one.size(), 40u);
  EXPECT_EQ(by_many, by_one);
  EXPECT_EQ(std::set<std::string>(by_one.begin(), by_one.end()).size(), 40u);
}

TEST(Landscape, AChildMixesTheChoicesOfBothAndDiffersFromThem) {
  const Landscape landscape(6, 5, 9);
  Random random(1);
  const Point one{{0, 1, 2, 3, 4, 0}, {}}, other{{0, 2, 2, 1, 4, 3}, {}};
  std::set<std::string> children;
  for (int i = 0; i < 100; ++i) {
    const auto child = landscape.Cross(one, other, random);
    ASSERT_TRUE(child);
    EXPECT_NE(*child, one);
    EXPECT_NE(*child, other);
    for (size_t s = 0; s < 6; ++s) {
      EXPECT_TRUE(child->genes[s] == one.genes[s] || child->genes[s] == other.genes[s]);
    }
    children.insert(child->Key());
  }
  EXPECT_EQ(children.size(), 6u) << "all that there are";
  EXPECT_FALSE(landscape.Cross(one, one, random));
  EXPECT_FALSE(landscape.Cross(one, Point{{0, 1, 2, 3, 4, 1}, {}}, random));
}

}  // namespace
}  // namespace nacre
