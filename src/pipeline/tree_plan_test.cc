#include "pipeline/tree_plan.h"

#include <gtest/gtest.h>

#include "testing/fake_clock.h"

namespace nacre {
namespace {

// A network of a million multiply-accumulates, of which a thousand images a second are trained.
class TreePlanTest : public testing::Test {
 protected:
  TreePlanTest() {
    context_.budget = &budget_;
    context_.macs_per_second = 1e9;
    context_.train.labels.resize(1000);
    context_.original_usage.latency = 100;
    context_.limit = 0.89;
    context_.config.stated_accuracy = 0.9;
    context_.curve = LearningCurve(0.9, 0.01);
  }

  FakeClock clock_;
  Budget budget_{clock_, Seconds(1000), Seconds(0)};
  Context context_;
};

TEST_F(TreePlanTest, SpendsTheSecondsAndLooksForWhatTheLimitAsksFor) {
  const TreeSearchOptions plan = PlanTree(context_, 150, 1e6);
  double seconds = 0;
  for (size_t rung = 0; rung < plan.rungs.size(); ++rung)
    seconds += plan.rungs[rung] * SecondsOfTrial(150, plan, static_cast<int>(rung));
  EXPECT_NEAR(seconds, 150, 1e-9);
  EXPECT_GT(plan.rungs[0], plan.rungs[1]);
  EXPECT_GE(SecondsOfTrial(150, plan, 0), 6);
  EXPECT_EQ(plan.wanted, 0.89);
  EXPECT_GT(plan.trained({.accuracy = 0.8, .cost = 50}),
            plan.trained({.accuracy = 0.8, .cost = 20}));
}

TEST_F(TreePlanTest, FewNetworksFitIntoLittleTimeOrAreLarge) {
  EXPECT_EQ(PlanTree(context_, 1, 1e6).rungs, (std::vector<int>{4, 3}));
  EXPECT_EQ(PlanTree(context_, 1e5, 1e6).rungs, (std::vector<int>{32, 6}));
  EXPECT_LT(PlanTree(context_, 150, 1e9).rungs[0], PlanTree(context_, 150, 1e6).rungs[0]);
}

TEST_F(TreePlanTest, OneFinalistHasMoreTimeThanEachOfTwo) {
  const Outcome outcome{.accuracy = 0.8, .cost = 50, .epochs = 1};
  const double two = PlanTree(context_, 150, 1e6).trained(outcome);
  context_.round.finalists = 1;
  EXPECT_GT(PlanTree(context_, 150, 1e6).trained(outcome), two);
}

TEST_F(TreePlanTest, WhatHasTrainedForLongGainsLess) {
  const TreeSearchOptions plan = PlanTree(context_, 150, 1e6);
  EXPECT_GT(plan.trained({.accuracy = 0.8, .cost = 50, .epochs = 1}),
            plan.trained({.accuracy = 0.8, .cost = 50, .epochs = 100}));
}

}  // namespace
}  // namespace nacre
