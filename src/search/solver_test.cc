#include "search/solver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include "base/random.h"

namespace nacre {
namespace {

std::vector<Choice> RandomChoices(int blocks, int per_span, Random& random) {
  std::vector<Choice> choices;
  for (int first = 0; first < blocks; ++first) {
    for (int last = first; last < std::min(blocks, first + 3); ++last) {
      for (int k = 0; k < per_span; ++k) {
        choices.push_back(
            {first, last, random.Uniform(), 1 + 9 * random.Uniform(), random.Uniform()});
      }
    }
  }
  return choices;
}

double BruteForce(const std::vector<Choice>& choices, int blocks, const SolveLimits& limits) {
  double best = std::numeric_limits<double>::infinity();
  std::function<void(int, double, double, double)> cover = [&](int at, double loss, double cost,
                                                               double second) {
    if (cost > limits.cost || (limits.second > 0 && second > limits.second)) return;
    if (at == blocks) best = std::min(best, loss);
    for (const Choice& c : choices) {
      if (c.first == at) cover(c.last + 1, loss + c.loss, cost + c.cost, second + c.second);
    }
  };
  cover(0, 0, 0, 0);
  return best;
}

TEST(Solver, AgreesWithBruteForce) {
  Random random(1);
  for (int round = 0; round < 30; ++round) {
    const auto choices = RandomChoices(5, 2, random);
    const SolveLimits limits{.cost = 6 + 20 * random.Uniform(),
                             .second = round % 2 ? 0 : 0.5 + 2 * random.Uniform()};
    const double expected = BruteForce(choices, 5, limits);
    const auto solved = SolveBest(choices, 5, limits);
    ASSERT_TRUE(solved);
    if (std::isinf(expected)) {
      EXPECT_TRUE(solved->empty());
    } else {
      ASSERT_EQ(solved->size(), 1u);
      EXPECT_NEAR(solved->front().loss, expected, 1e-6);
      EXPECT_LE(solved->front().cost, limits.cost + 1e-6);
    }
  }
}

TEST(Solver, TheSecondBoundHoldsWithoutALimitOfCost) {
  Random random(8);
  const auto choices = RandomChoices(5, 3, random);
  const auto solved = SolveBest(choices, 5, {.second = 0.8});
  ASSERT_TRUE(solved);
  ASSERT_EQ(solved->size(), 1u);
  EXPECT_NEAR(solved->front().loss, BruteForce(choices, 5, {.cost = 1e9, .second = 0.8}), 1e-6);
  EXPECT_LE(solved->front().second, 0.8 + 1e-6);
  EXPECT_LT(SolveBest(choices, 5, {})->front().loss, solved->front().loss);
}

TEST(Solver, ManyAreOrderedCoverAllAndDiffer) {
  Random random(2);
  const auto choices = RandomChoices(8, 4, random);
  const auto solved = SolveBest(choices, 8, {.cost = 40}, 6, 2);
  ASSERT_TRUE(solved);
  ASSERT_EQ(solved->size(), 6u);
  for (size_t i = 0; i < solved->size(); ++i) {
    int next = 0;
    for (int pick : (*solved)[i].picks) {
      EXPECT_EQ(choices[pick].first, next);
      next = choices[pick].last + 1;
    }
    EXPECT_EQ(next, 8);
    if (i > 0) {
      EXPECT_GE((*solved)[i].loss, (*solved)[i - 1].loss - 1e-9);
    }
    for (size_t j = 0; j < i; ++j) {
      size_t shared = 0;
      for (int a : (*solved)[j].picks) {
        for (int b : (*solved)[i].picks) shared += a == b;
      }
      EXPECT_LE(shared + 2, std::max<size_t>((*solved)[j].picks.size(), 2));
    }
  }
}

// Whole costs, so that the dynamic program is exact.
std::vector<Choice> WholeChoices(int blocks, Random& random) {
  auto choices = RandomChoices(blocks, 2, random);
  for (Choice& choice : choices) choice.cost = std::ceil(choice.cost);
  return choices;
}

TEST(Solver, AgreesWithTheDynamicProgram) {
  Random random(3);
  for (int round = 0; round < 20; ++round) {
    const auto choices = WholeChoices(9, random);
    const double limit = 10.0 + 2 * round;
    const auto solved = SolveBest(choices, 9, {.cost = limit});
    const Solution dynamic = SolveDynamic(choices, 9, limit, static_cast<int>(limit));
    ASSERT_TRUE(solved);
    ASSERT_EQ(solved->empty(), dynamic.picks.empty());
    if (solved->empty()) continue;
    EXPECT_NEAR(solved->front().loss, dynamic.loss, 1e-6);
    EXPECT_LE(dynamic.cost, limit + 1e-9);
  }
}

TEST(Solver, CoarseDynamicProgramNeverExceedsTheLimit) {
  Random random(4);
  const auto choices = RandomChoices(7, 3, random);
  const auto solved = SolveBest(choices, 7, {.cost = 20});
  ASSERT_TRUE(solved);
  const Solution coarse = SolveDynamic(choices, 7, 20, 30),
                 fine = SolveDynamic(choices, 7, 20, 5000);
  EXPECT_LE(coarse.cost, 20);
  EXPECT_GE(coarse.loss, solved->front().loss - 1e-9);
  EXPECT_NEAR(fine.loss, solved->front().loss, 0.02);
}

TEST(Solver, TightLimitsAndGainsAreExactToo) {
  Random random(6);
  for (int round = 0; round < 20; ++round) {
    auto choices = RandomChoices(5, 2, random);
    for (Choice& choice : choices)
      choice.loss -= 0.5;  // some candidates are better than what they replace
    // The cheapest cover of all is the only one at its own cost.
    auto cheapest = choices;
    for (Choice& c : cheapest) c.loss = c.cost;
    const double least = BruteForce(cheapest, 5, {.cost = 1e9});
    for (double limit : {least, least * 1.01, least * 1.3, 1e6}) {
      const auto solved = SolveBest(choices, 5, {.cost = limit});
      ASSERT_TRUE(solved);
      ASSERT_EQ(solved->size(), 1u);
      EXPECT_NEAR(solved->front().loss, BruteForce(choices, 5, {.cost = limit + 1e-9}), 1e-6);
    }
    EXPECT_TRUE(SolveBest(choices, 5, {.cost = least * 0.999})->empty());
  }
}

TEST(Solver, NothingWhereABlockHasNoChoice) {
  EXPECT_TRUE(SolveBest({{0, 0, 0, 1}}, 2, {.cost = 100})->empty());
  EXPECT_TRUE(SolveDynamic({{0, 0, 0, 1}}, 2, 100).picks.empty());
  EXPECT_FALSE(SolveBest({{0, 0, std::nan(""), 1}}, 1, {.cost = 1}));
}

TEST(Solver, ChoicesOutsideTheBlocksAreABrokenContract) {
  EXPECT_THROW((void)SolveBest({{0, 3, 1, 1, 1}}, 2, {}), std::logic_error);
}

}  // namespace
}  // namespace nacre
