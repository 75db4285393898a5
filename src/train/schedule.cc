#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace nacre::train_internal {

namespace {

// Of the time until the deadline; the rest is for handing over the network. A guess.
constexpr double kShareForSteps = 0.99;

}  // namespace

double OneCycle(double fraction, double warm_up) {
  fraction = std::clamp(fraction, 0.0, 1.0);
  if (fraction < warm_up) return fraction / warm_up;
  if (warm_up >= 1) return 1;
  return (1 - fraction) / (1 - warm_up);
}

Schedule::Schedule(int64_t steps, Seconds deadline, const Clock* clock, double begin_fraction)
    : steps_(std::max<int64_t>(1, steps)), begin_fraction_(begin_fraction) {
  if (deadline.count() <= 0) return;
  if (clock == nullptr) throw std::logic_error("a deadline needs a clock");
  clock_ = clock;
  begin_ = clock->Now();
  allowed_ = (deadline - begin_) * kShareForSteps;
}

double Schedule::Fraction(int64_t step) const {
  const double by_steps = static_cast<double>(step) / static_cast<double>(steps_);
  if (clock_ == nullptr) return by_steps;
  if (allowed_.count() <= 0) return 1;
  const double elapsed = (clock_->Now() - begin_) / allowed_;
  return std::max(by_steps, begin_fraction_ + (1 - begin_fraction_) * elapsed);
}

int64_t Schedule::PlannedSteps(int64_t step) const {
  const double fraction = Fraction(step);
  if (step == 0 || fraction <= 0) return steps_;
  return std::clamp<int64_t>(std::llround(static_cast<double>(step) / fraction), step, steps_);
}

}  // namespace nacre::train_internal
