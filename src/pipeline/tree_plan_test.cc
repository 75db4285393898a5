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
    context_.curve = LearningCurve(0.9, 0.07);
  }

  FakeClock clock_;
  Budget budget_{clock_, Seconds(1000), Seconds(0)};
  Context context_;
};

TEST_F(TreePlanTest, SpendsTheSecondsAndLooksForWhatTheLimitAsksFor) {
  const TreeSearchOptions plan = PlanTree(context_, 150, 1e6);
  double seconds = 0;
  for (size_t rung = 0; rung < plan.rungs.size(); ++rung) seconds += plan.rungs[rung] * SecondsOfTrial(150, plan, static_cast<int>(rung));
  EXPECT_NEAR(seconds, 150, 1e-9);
  EXPECT_GT(plan.rungs[0], plan.rungs[1]);
  EXPECT_GE(SecondsOfTrial(150, plan, 0), 6);
  EXPECT_EQ(plan.wanted, 0.89);
  EXPECT_EQ(plan.reference, 0.905);
  EXPECT_EQ(plan.part, 0.07);
  EXPECT_EQ(plan.original, 100);
  EXPECT_GT(plan.closing[0], plan.closing[1]);
}

TEST_F(TreePlanTest, FewNetworksFitIntoLittleTimeOrAreLarge) {
  EXPECT_EQ(PlanTree(context_, 1, 1e6).rungs, (std::vector<int>{4, 3}));
  EXPECT_EQ(PlanTree(context_, 1e5, 1e6).rungs, (std::vector<int>{32, 6}));
  EXPECT_LT(PlanTree(context_, 150, 1e9).rungs[0], PlanTree(context_, 150, 1e6).rungs[0]);
}

TEST_F(TreePlanTest, OneFinalistHasMoreTimeThanEachOfTwo) {
  const double two = PlanTree(context_, 150, 1e6).closing[0];
  context_.round.finalists = 1;
  EXPECT_GT(PlanTree(context_, 150, 1e6).closing[0], two);
}

TEST_F(TreePlanTest, WhatIsMadeOfAFinalistGainsLessByTraining) {
  const double first = PlanTree(context_, 150, 1e6).closing[0];
  context_.tried.push_back({.epochs = 50});
  EXPECT_EQ(PlanTree(context_, 150, 1e6).closing[0], first);
  context_.tried[0].final = true;
  EXPECT_LT(PlanTree(context_, 150, 1e6).closing[0], first);
}

}  // namespace
}  // namespace nacre
