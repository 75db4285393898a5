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
  Schedule schedule({.steps = 10});
  EXPECT_DOUBLE_EQ(schedule.Fraction(0), 0);
  EXPECT_DOUBLE_EQ(schedule.Fraction(5), 0.5);
  EXPECT_DOUBLE_EQ(schedule.Fraction(10), 1);
  EXPECT_EQ(schedule.PlannedSteps(3), 10);
  EXPECT_TRUE(schedule.Pace().empty());
}

TEST(Schedule, IsSqueezedByTheDeadline) {
  HandClock clock;
  Schedule schedule({.steps = 1000, .deadline = Seconds(200), .clock = &clock});
  clock.now = Seconds(149.5);  // half of the 99 seconds
  EXPECT_DOUBLE_EQ(schedule.Fraction(50), 0.5);
  EXPECT_EQ(schedule.PlannedSteps(50), 100);
  clock.now = Seconds(200);
  EXPECT_GE(schedule.Fraction(99), 1);
}

TEST(Schedule, ReadsTheClockOnceForEachStep) {
  HandClock clock;
  Schedule schedule({.steps = 1000, .deadline = Seconds(200), .clock = &clock});
  clock.now = Seconds(149.5);
  EXPECT_DOUBLE_EQ(schedule.Fraction(0), 0.5);
  clock.now = Seconds(180);
  EXPECT_DOUBLE_EQ(schedule.Fraction(0), 0.5);
}

TEST(Schedule, IsRepeatedByItsPace) {
  HandClock clock;
  const Schedule::Options options{.steps = 1000, .begin_step = 20, .begin_fraction = 0.5};
  Schedule::Options limited = options;
  limited.deadline = Seconds(200);
  limited.clock = &clock;
  Schedule first(limited);
  std::vector<double> fractions;
  for (int64_t step = 20; step < 24; ++step) {
    clock.now += Seconds(25);
    fractions.push_back(first.Fraction(step));
  }
  EXPECT_GE(fractions.back(), 1);
  Schedule::Options paced = options;
  paced.pace = first.Pace();
  EXPECT_EQ(paced.pace, fractions);
  Schedule again(paced);
  for (int64_t step = 20; step < 24; ++step) {
    EXPECT_EQ(again.Fraction(step), fractions[static_cast<size_t>(step - 20)]);
  }
}

TEST(Schedule, DoesNotWaitForTheDeadline) {
  HandClock clock;
  Schedule schedule({.steps = 10, .deadline = Seconds(100000), .clock = &clock});
  EXPECT_DOUBLE_EQ(schedule.Fraction(10), 1);
  EXPECT_EQ(schedule.PlannedSteps(5), 10);
}

TEST(Schedule, GoesOnFromWhereItStopped) {
  HandClock clock;
  Schedule schedule({.steps = 1000,
                     .deadline = Seconds(200),
                     .clock = &clock,
                     .begin_step = 10,
                     .begin_fraction = 0.5});
  EXPECT_DOUBLE_EQ(schedule.Fraction(10), 0.5);
  clock.now = Seconds(149.5);
  EXPECT_DOUBLE_EQ(schedule.Fraction(20), 0.75);
}

TEST(Schedule, IsOverWhenTheDeadlineHasPassed) {
  HandClock clock;
  Schedule schedule({.steps = 10, .deadline = Seconds(50), .clock = &clock});
  EXPECT_GE(schedule.Fraction(0), 1);
}

TEST(Schedule, NeedsAClockForADeadline) {
  EXPECT_THROW(Schedule({.steps = 10, .deadline = Seconds(1)}), std::logic_error);
}

}  // namespace
}  // namespace nacre::train_internal
