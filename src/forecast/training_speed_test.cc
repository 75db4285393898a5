#include "forecast/training_speed.h"

#include <gtest/gtest.h>

namespace nacre {
namespace {

TEST(TrainingSpeed, FollowsSizeFromTheOneThatIsKnown) {
  const TrainingSpeed speed(100, 50);
  EXPECT_DOUBLE_EQ(speed.Of(100), 50);
  EXPECT_DOUBLE_EQ(speed.Of(200), 25);
  EXPECT_DOUBLE_EQ(speed.Of(25), 100)
      << "a smaller one is not trusted to be as much faster as it is smaller";
}

TEST(TrainingSpeed, TakesTheNearestInSize) {
  TrainingSpeed speed(100, 50);
  speed.Add(10, 90);
  EXPECT_DOUBLE_EQ(speed.Of(10), 90);
  EXPECT_DOUBLE_EQ(speed.Of(20), 45);
  EXPECT_DOUBLE_EQ(speed.Of(50), 50 * std::sqrt(2));
  EXPECT_DOUBLE_EQ(speed.Of(2.5), 180);
}

TEST(TrainingSpeed, WhatWasNotMeasuredTeachesNothing) {
  TrainingSpeed speed(100, 50);
  speed.Add(10, 0);
  EXPECT_DOUBLE_EQ(speed.Of(25), 100);
}

}  // namespace
}  // namespace nacre
