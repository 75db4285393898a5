#include "train/schedule.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace nacre::train_internal {
namespace {

class HandClock : public Clock {
 public:
  Seconds Now() const override { return now; }
  Seconds now{100};
};

TEST(OneCycle, RisesThenFalls) {
  EXPECT_DOUBLE_EQ(OneCycle(0, 0.2), 0);
  EXPECT_DOUBLE_EQ(OneCycle(0.1, 0.2), 0.5);
  EXPECT_DOUBLE_EQ(OneCycle(0.2, 0.2), 1);
  EXPECT_DOUBLE_EQ(OneCycle(0.6, 0.2), 0.5);
  EXPECT_DOUBLE_EQ(OneCycle(1, 0.2), 0);
  EXPECT_DOUBLE_EQ(OneCycle(2, 0.2), 0);
  EXPECT_DOUBLE_EQ(OneCycle(0, 0), 1);
}

TEST(Schedule, CountsStepsWithoutADeadline) {
  const Schedule schedule(10, Seconds(0), nullptr);
  EXPECT_DOUBLE_EQ(schedule.Fraction(0), 0);
  EXPECT_DOUBLE_EQ(schedule.Fraction(5), 0.5);
  EXPECT_DOUBLE_EQ(schedule.Fraction(10), 1);
  EXPECT_EQ(schedule.PlannedSteps(3), 10);
}

TEST(Schedule, IsSqueezedByTheDeadline) {
  HandClock clock;
  const Schedule schedule(1000, Seconds(200), &clock);
  clock.now = Seconds(149.5);  // half of the 99 seconds
  EXPECT_DOUBLE_EQ(schedule.Fraction(50), 0.5);
  EXPECT_EQ(schedule.PlannedSteps(50), 100);
  clock.now = Seconds(200);
  EXPECT_GE(schedule.Fraction(99), 1);
}

TEST(Schedule, DoesNotWaitForTheDeadline) {
  HandClock clock;
  const Schedule schedule(10, Seconds(100000), &clock);
  EXPECT_DOUBLE_EQ(schedule.Fraction(10), 1);
  EXPECT_EQ(schedule.PlannedSteps(5), 10);
}

TEST(Schedule, GoesOnFromWhereItStopped) {
  HandClock clock;
  const Schedule schedule(1000, Seconds(200), &clock, 0.5);
  EXPECT_DOUBLE_EQ(schedule.Fraction(10), 0.5);
  clock.now = Seconds(149.5);
  EXPECT_DOUBLE_EQ(schedule.Fraction(20), 0.75);
}

TEST(Schedule, IsOverWhenTheDeadlineHasPassed) {
  HandClock clock;
  EXPECT_GE(Schedule(10, Seconds(50), &clock).Fraction(0), 1);
}

TEST(Schedule, NeedsAClockForADeadline) {
  EXPECT_THROW(Schedule(10, Seconds(1), nullptr), std::logic_error);
}

}  // namespace
}  // namespace nacre::train_internal
