#include "search/nsga2.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "search/hypervolume.h"

namespace nacre {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr int kSteps = 21;  // values of a gene, 0 to 1 in steps of 0.05

// ZDT1 (Zitzler, Deb and Thiele, Evolutionary Computation 8, 2000) with as many genes: the cost is
// the first, and the loss of accuracy is least where all others are 0.
Outcome Zdt1(const Point& point) {
  const auto value = [&](size_t g) { return point.genes[g] / (kSteps - 1.0); };
  double others = 0;
  for (size_t g = 1; g < point.genes.size(); ++g) others += value(g);
  const double scale = 1 + 9 * others / static_cast<double>(point.genes.size() - 1);
  return {1 - scale * (1 - std::sqrt(value(0) / scale)), value(0)};
}

template <typename F>
std::vector<Evaluated> Drive(Nsga2& search, F evaluate, size_t at_once = 7) {
  for (auto trials = search.Ask(at_once); !trials.empty(); trials = search.Ask(at_once)) {
    for (const Trial& trial : trials) search.Tell(trial, evaluate(trial.point));
  }
  return search.evaluated();
}

Nsga2Options Options(int evaluations, uint64_t seed) {
  return {.choices = std::vector<int>(10, kSteps), .evaluations = evaluations, .seed = seed};
}

constexpr Outcome kReference{-0.1, 1.1};  // a loss of 1.1 at a cost of 1.1

TEST(Hypervolume, IsTheAreaThatIsDominated) {
  const std::vector<Evaluated> two = {{{}, {0.5, 1}}, {{}, {0.8, 2}}, {{}, {0.4, 1.5}}};
  EXPECT_NEAR(Hypervolume(two, {0, 3}), 2 * 0.5 + 1 * 0.3, 1e-12);
  EXPECT_NEAR(Hypervolume(two, {0.6, 3}), 0.2, 1e-12);
  EXPECT_EQ(Hypervolume(two, {0.9, 3}), 0);
  EXPECT_EQ(Hypervolume({}, {0, 3}), 0);
}

// The front of ZDT1 is a loss of 1 - sqrt(cost). Its area at (1.1, 1.1) is 0.1 + 2/3 + 0.11 when
// costs are continuous.
TEST(Hypervolume, OfTheFrontOfZdt1) {
  std::vector<Evaluated> front;
  for (int i = 0; i <= 10000; ++i) front.push_back({{}, {std::sqrt(i / 1e4), i / 1e4}});
  EXPECT_NEAR(Hypervolume(front, kReference), 0.1 + 2.0 / 3 + 0.11, 1e-4);
}

TEST(Nsga2, ReachesTheFrontOfZdt1) {
  std::vector<Evaluated> front;
  for (int i = 0; i < kSteps; ++i) {
    Point point{std::vector<int>(10, 0), {}};
    point.genes[0] = i;
    front.push_back({{point}, Zdt1(point)});
  }
  const double best = Hypervolume(front, kReference);
  for (uint64_t seed = 0; seed < 3; ++seed) {
    Nsga2 search(Options(2000, seed));
    const double found = Hypervolume(Drive(search, Zdt1), kReference);
    EXPECT_GT(found, 0.95 * best) << seed;
    EXPECT_LE(found, best + 1e-12);
    Random random(seed);
    std::vector<Evaluated> drawn;
    for (int i = 0; i < 2000; ++i) {
      Point point;
      for (int g = 0; g < 10; ++g) point.genes.push_back(static_cast<int>(random.Below(kSteps)));
      drawn.push_back({{point}, Zdt1(point)});
    }
    EXPECT_GT(found, Hypervolume(drawn, kReference) + 0.1) << "random search, as many evaluations";
  }
}

TEST(Nsga2, AsksForEachPointOnceAndNoMoreThanItMay) {
  Nsga2Options options = Options(150, 1);
  options.seeds = {{std::vector<int>(10, 0), {}}, {std::vector<int>(10, kSteps - 1), {}}};
  Nsga2 search(options);
  const auto evaluated = Drive(search, Zdt1);
  ASSERT_THAT(evaluated, SizeIs(150));
  EXPECT_EQ(evaluated[0].trial.point, options.seeds[0]);
  EXPECT_EQ(evaluated[1].trial.point, options.seeds[1]);
  std::set<std::string> keys;
  for (const Evaluated& each : evaluated) keys.insert(each.trial.point.Key());
  EXPECT_THAT(keys, SizeIs(150));
  EXPECT_TRUE(search.Ask(1).empty());
}

TEST(Nsga2, EndsWhereTheSpaceIsUsedUp) {
  Nsga2 search({.choices = {2, 3}, .population = 4, .evaluations = 100});
  EXPECT_THAT(Drive(search,
                    [](const Point& point) {
                      return Outcome{0.1 * point.genes[0], 1.0 + point.genes[1]};
                    }),
              SizeIs(6));
}

TEST(Nsga2, SameSeedSameTrials) {
  Nsga2 one(Options(120, 5)), other(Options(120, 5)), third(Options(120, 6));
  const auto a = Drive(one, Zdt1), b = Drive(other, Zdt1), c = Drive(third, Zdt1);
  const auto same = [](const Evaluated& x, const Evaluated& y) {
    return x.trial.point == y.trial.point;
  };
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), same));
  EXPECT_FALSE(std::equal(a.begin(), a.end(), c.begin(), same));
}

TEST(Nsga2, WaitsForAGenerationBeforeTheNext) {
  Nsga2 search({.choices = {50, 50}, .population = 4, .evaluations = 8});
  const auto first = search.Ask(10);
  EXPECT_THAT(first, SizeIs(4));
  EXPECT_TRUE(search.Ask(10).empty());
  for (const Trial& trial : first) search.Tell(trial, {0.5, 1});
  EXPECT_THAT(search.Ask(10), SizeIs(4));
}

TEST(CrowdedOrder, FrontsFirstThenWhereItIsEmpty) {
  // 0, 1, 2 and 4 are a front, 3 and 5 are dominated, 5 by 3; 6 failed. 1 is nearer to its
  // neighbours than 2.
  const std::vector<Outcome> outcomes = {{0.1, 1}, {0.2, 2},  {0.5, 5},           {0.1, 6},
                                         {0.9, 9}, {0.05, 7}, {.error = "failed"}};
  EXPECT_THAT(CrowdedOrder(outcomes), ElementsAre(0, 4, 2, 1, 3, 5, 6));
}

TEST(Nsga2, RefusesAnEmptySpace) {
  EXPECT_THROW(Nsga2({}), std::logic_error);
  EXPECT_THROW(Nsga2({.choices = {3, 0}}), std::logic_error);
}

}  // namespace
}  // namespace nacre
