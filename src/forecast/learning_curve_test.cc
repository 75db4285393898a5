#include "forecast/learning_curve.h"

#include <gtest/gtest.h>

#include <cmath>

namespace nacre {
namespace {

constexpr double kDeviation = 0.005;

TEST(LearningCurve, MoreEpochsCloseMore) {
  const LearningCurve curve(0.9);
  EXPECT_EQ(curve.Closing(1, 0), 0);
  EXPECT_GT(curve.Closing(1, 10), curve.Closing(1, 5));
  EXPECT_LT(curve.Closing(1, 1000), 1);
  EXPECT_GT(curve.Closing(0.2, 10), curve.Closing(5, 10));
}

TEST(LearningCurve, NeverPredictsBelowWhatIsThere) {
  const LearningCurve curve(0.9);
  EXPECT_EQ(curve.Predict(0.95, 1, 10), 0.95);
  EXPECT_GT(curve.Predict(0.5, 1, 10), 0.5);
  EXPECT_LT(curve.Predict(0.5, 1, 10), 0.9);
}

TEST(LearningCurve, AFasterNetworkIsExpectedToReachLess) {
  const LearningCurve curve(0.9);
  EXPECT_GT(curve.Predict(0.7, 1, 50, 1), curve.Predict(0.7, 1, 50, 2));
  EXPECT_GT(curve.Predict(0.7, 1, 50, 2), curve.Predict(0.7, 1, 50, 30));
  EXPECT_EQ(curve.Predict(0.89, 1, 50, 1e6), 0.89);  // never below what is there
}

TEST(LearningCurve, NeededIsWhereThePredictionArrives) {
  const LearningCurve curve(0.9);
  EXPECT_EQ(curve.Needed(0.88, 1, 0.87), 0);
  EXPECT_NEAR(curve.Predict(0.7, 1, curve.Needed(0.7, 1, 0.87, 2), 2), 0.87, 1e-12);
  EXPECT_TRUE(std::isinf(curve.Needed(0.7, 1, 0.9, 2)));
}

TEST(LearningCurve, ComesToPredictWhatItIsShown) {
  const LearningCurve truth(0.9, 0.03, 0.6);
  LearningCurve curve(0.9, 0.01);
  const auto error = [&](double speedup) {
    return std::abs(curve.Predict(0.8, 2, 12, speedup) - truth.Predict(0.8, 2, 12, speedup));
  };
  const double slow = error(1.2), fast = error(6);
  curve.Learn({0.8, 2, truth.Predict(0.8, 2, 12, 6), 12, 6}, kDeviation);
  EXPECT_LT(error(6), 0.5 * fast);
  curve.Learn({0.8, 2, truth.Predict(0.8, 2, 12, 1.2), 12, 1.2}, kDeviation);
  EXPECT_LT(error(1.2), 0.5 * slow);
  EXPECT_LT(error(6), 0.5 * fast);
}

TEST(LearningCurve, WhatFastNetworksMissIsMostlyDueToTheirSize) {
  LearningCurve fast(0.9, 0.01), slow(0.9, 0.01);
  fast.Learn({0.86, 5, fast.Predict(0.86, 5, 80, 6) - 0.007, 80, 6}, kDeviation);
  EXPECT_GT(fast.capacity_share(), 0.012);
  EXPECT_GT(fast.exponent(), 0.9);
  slow.Learn({0.86, 5, slow.Predict(0.86, 5, 10, 1.1) - 0.007, 10, 1.1}, kDeviation);
  EXPECT_NEAR(slow.capacity_share(), 0.01, 0.001);
  EXPECT_LT(slow.exponent(), 0.9);
}

TEST(LearningCurve, IsUnsureOfFastNetworksUntilItIsShownOne) {
  LearningCurve curve(0.9, 0.01);
  EXPECT_EQ(curve.Deviation(1), 0);
  EXPECT_GT(curve.Deviation(10), 2 * curve.Deviation(5));
  const double before = curve.Deviation(10), fastest = curve.Fastest(0.88);
  curve.Learn({0.8, 2, curve.Predict(0.8, 2, 80, 10) - 0.01, 80, 10}, kDeviation);
  EXPECT_LT(curve.Deviation(10), 0.6 * before);
  EXPECT_LT(curve.Fastest(0.88), fastest);
}

TEST(LearningCurve, SurvivesTrainingThatGotWorseOrHadNothingToClose) {
  LearningCurve curve(0.9);
  const double prior = curve.exponent();
  curve.Learn({0.9, 1, 0.95, 5}, kDeviation);  // nothing to close
  EXPECT_EQ(curve.exponent(), prior);
  curve.Learn({0.8, 1, 0.5, 5, 2}, kDeviation);  // got worse
  EXPECT_GT(curve.exponent(), 0);
  EXPECT_LE(curve.capacity_share(), 0.1);
  curve.Learn({0.8, 1, 0.95, 5, 2}, kDeviation);  // beyond the reference
  EXPECT_GE(curve.capacity_share(), 0);
  EXPECT_LT(curve.Predict(0.8, 1, 5), 0.9);
}

}  // namespace
}  // namespace nacre
