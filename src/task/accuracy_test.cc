#include "task/accuracy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace nacre {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

TEST(WilsonAccuracy, AgreesWithPublishedIntervals) {
  // Newcombe (1998), table I: 81/263 -> 0.2553 to 0.3662; 15/148 -> 0.0624 to 0.1605; 0/20 -> 0 to
  // 0.1611.
  const Accuracy a = WilsonAccuracy(81, 263);
  EXPECT_NEAR(a.low, 0.2553, 5e-5);
  EXPECT_NEAR(a.high, 0.3662, 5e-5);
  const Accuracy b = WilsonAccuracy(15, 148);
  EXPECT_NEAR(b.low, 0.0624, 5e-5);
  EXPECT_NEAR(b.high, 0.1605, 5e-5);
  const Accuracy c = WilsonAccuracy(0, 20);
  EXPECT_NEAR(c.low, 0, 1e-12);
  EXPECT_NEAR(c.high, 0.1611, 5e-5);
}

TEST(WilsonAccuracy, StaysInsideTheUnitIntervalAndIsSymmetric) {
  const Accuracy all = WilsonAccuracy(20, 20), none = WilsonAccuracy(0, 20);
  EXPECT_LE(all.high, 1);
  EXPECT_DOUBLE_EQ(all.value, 1);
  EXPECT_NEAR(all.low, 1 - none.high, 1e-12);
  const Accuracy nothing = WilsonAccuracy(0, 0);
  EXPECT_EQ(nothing.low, 0);
  EXPECT_EQ(nothing.high, 1);
  EXPECT_THROW(WilsonAccuracy(2, 1), std::logic_error);
}

TEST(TopK, CountsByRankAndGivesTiesToTheLowerClass) {
  const Tensor logits = Tensor::Floats({4, 3}, {3, 2, 1,  //
                                                1, 3, 2,  //
                                                1, 2, 3,  //
                                                5, 5, 0});
  EXPECT_DOUBLE_EQ(TopOne(logits, {0, 0, 0, 0}).value, 0.5);
  EXPECT_DOUBLE_EQ(TopOne(logits, {0, 1, 2, 1}).value, 0.75);
  EXPECT_DOUBLE_EQ(TopK(logits, {1, 2, 0, 1}, 2).value, 0.75);
  EXPECT_DOUBLE_EQ(TopK(logits, {2, 0, 1, 2}, 5).value, 1);
  EXPECT_EQ(TopOne(logits, {0, 0, 0, 0}).images, 4);
  EXPECT_THAT(Classes(logits), ElementsAre(0, 1, 2, 0));
}

TEST(TopK, NaNIsNeverRight) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor logits = Tensor::Floats({2, 2}, {nan, nan, nan, 1});
  EXPECT_DOUBLE_EQ(TopK(logits, {0, 0}, 5).value, 0);
  EXPECT_DOUBLE_EQ(TopOne(logits, {0, 1}).value, 0.5);
  EXPECT_THAT(Classes(logits), ElementsAre(-1, 1));
  EXPECT_DOUBLE_EQ(Agreement(logits, logits).value, 0.5);
}

TEST(TopK, RefusesLabelsThatDoNotFit) {
  EXPECT_THROW(TopOne(Tensor::Floats({1, 2}, {1, 2}), {0, 1}), std::logic_error);
}

TEST(Agreement, IsTheShareOfEqualClasses) {
  const Tensor a = Tensor::Floats({2, 2}, {1, 0, 1, 0}), b = Tensor::Floats({2, 2}, {9, 8, 0, 1});
  EXPECT_DOUBLE_EQ(Agreement(a, b).value, 0.5);
}

TEST(Divergence, IsTheOneOfTwoDistributions) {
  const float one = std::log(0.75f), other = std::log(0.25f);
  const Tensor even = Tensor::Floats({2, 2}, {0, 0, 5, 5}),
               skewed = Tensor::Floats({2, 2}, {one, other, one, other});
  EXPECT_NEAR(Divergence(even, even), 0, 1e-12);
  EXPECT_NEAR(Divergence(even, skewed), 0.5 * std::log(0.5 / 0.75) + 0.5 * std::log(0.5 / 0.25),
              1e-6);
  EXPECT_NEAR(Divergence(skewed, even), 0.75 * std::log(1.5) + 0.25 * std::log(0.5), 1e-6);
  EXPECT_THROW(Divergence(even, Tensor::Floats({1, 2}, {0, 0})), std::logic_error);
}

}  // namespace
}  // namespace nacre
