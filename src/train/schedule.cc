#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

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

Schedule::Schedule(Options options) : options_(std::move(options)) {
  options_.steps = std::max<int64_t>(1, options_.steps);
  if (options_.deadline.count() <= 0) return;
  if (options_.clock == nullptr) throw std::logic_error("a deadline needs a clock");
  begin_ = options_.clock->Now();
  allowed_ = (options_.deadline - begin_) * kShareForSteps;
}

double Schedule::BySteps(int64_t step) const {
  return static_cast<double>(step) / static_cast<double>(options_.steps);
}

double Schedule::Now(int64_t step) const {
  if (options_.deadline.count() <= 0) return BySteps(step);
  if (allowed_.count() <= 0) return 1;
  const double elapsed = (options_.clock->Now() - begin_) / allowed_;
  return std::max(BySteps(step), options_.begin_fraction + (1 - options_.begin_fraction) * elapsed);
}

double Schedule::Fraction(int64_t step) {
  const auto place = static_cast<size_t>(step - options_.begin_step);
  while (fractions_.size() <= place) {
    const size_t next = fractions_.size();
    const bool paced = next < options_.pace.size();
    fractions_.push_back(paced ? options_.pace[next]
                               : Now(options_.begin_step + static_cast<int64_t>(next)));
  }
  return fractions_[place];
}

int64_t Schedule::PlannedSteps(int64_t step) {
  const double fraction = Fraction(step);
  if (step == 0 || fraction <= 0) return options_.steps;
  return std::clamp<int64_t>(std::llround(static_cast<double>(step) / fraction), step,
                             options_.steps);
}

std::vector<double> Schedule::Pace() const {
  for (size_t i = 0; i < fractions_.size(); ++i) {
    const int64_t step = options_.begin_step + static_cast<int64_t>(i);
    if (fractions_[i] != BySteps(step)) return fractions_;
  }
  return {};
}

}  // namespace nacre::train_internal
