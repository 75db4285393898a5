#include "pipeline/tree_plan.h"

#include <gtest/gtest.h>

#include "testing/fake_clock.h"

namespace nacre {
namespace {

// A network of a million multiply-accumulates, of which a thousand images a second are trained.
class TreePlanTest : public testing::Test {
 protected:
  TreePlanTest() { history_.forecast = Forecast({.accuracy = 0.9}, LearningCurve(0.9, 0.01)); }

  TreeSearchOptions Plan(double seconds, double macs) const {
    return PlanTree(aim_, history_, scope_, seconds, macs);
  }

  FakeClock clock_;
  Aim aim_{.original_cost = 100, .limit = 0.89, .macs_per_second = 1e9, .images = 1000};
  History history_;
  RoundScope scope_{.budget = Budget(clock_, Seconds(1000), Seconds(0))};
};

TEST_F(TreePlanTest, SpendsTheSecondsAndLooksForWhatTheLimitAsksFor) {
  const TreeSearchOptions plan = Plan(150, 1e6);
  double seconds = 0;
  for (size_t rung = 0; rung < plan.rungs.size(); ++rung) {
    seconds += plan.rungs[rung] * SecondsOfTrial(150, plan, static_cast<int>(rung));
  }
  EXPECT_NEAR(seconds, 150, 1e-9);
  EXPECT_GT(plan.rungs[0], plan.rungs[1]);
  EXPECT_GE(SecondsOfTrial(150, plan, 0), 6);
  EXPECT_EQ(plan.wanted, 0.89);
  EXPECT_GT(plan.trained({.accuracy = 0.8, .cost = 50}),
            plan.trained({.accuracy = 0.8, .cost = 20}));
}

TEST_F(TreePlanTest, FewNetworksFitIntoLittleTimeOrAreLarge) {
  EXPECT_EQ(Plan(1, 1e6).rungs, (std::vector<int>{4, 3}));
  EXPECT_EQ(Plan(1e5, 1e6).rungs, (std::vector<int>{32, 6}));
  EXPECT_LT(Plan(150, 1e9).rungs[0], Plan(150, 1e6).rungs[0]);
}

TEST_F(TreePlanTest, OneFinalistHasMoreTimeThanEachOfTwo) {
  const Outcome outcome{.accuracy = 0.8, .cost = 50, .epochs = 1};
  const double two = Plan(150, 1e6).trained(outcome);
  scope_.round.finalists = 1;
  EXPECT_GT(Plan(150, 1e6).trained(outcome), two);
}

TEST_F(TreePlanTest, WhatHasTrainedForLongGainsLess) {
  const TreeSearchOptions plan = Plan(150, 1e6);
  EXPECT_GT(plan.trained({.accuracy = 0.8, .cost = 50, .epochs = 1}),
            plan.trained({.accuracy = 0.8, .cost = 50, .epochs = 100}));
}

}  // namespace
}  // namespace nacre
