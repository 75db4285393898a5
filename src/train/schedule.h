// How far a training is, by steps or by the clock, and the learning rate there. No torch.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace nacre {

// One cycle: linear from zero to one over the first `warm_up` of the way, then linear to zero.
double OneCycle(double fraction, double warm_up);

// Progress through a training of `steps`, squeezed so that it completes by the deadline: whichever
// of steps and time is further along counts, so the learning rate always reaches zero at the end.
class Schedule {
 public:
  // Begins now, at `begin_fraction` of the way. No deadline when it is zero; else `clock` must be
  // given.
  Schedule(int64_t steps, Seconds deadline, const Clock* clock, double begin_fraction = 0);

  // Of the way, at step `step` (0: the first); 1 and more: the end.
  double Fraction(int64_t step) const;
  // The whole schedule in steps, as it looks at step `step`.
  int64_t PlannedSteps(int64_t step) const;

 private:
  int64_t steps_;
  const Clock* clock_ = nullptr;
  Seconds begin_{0}, allowed_{0};
  double begin_fraction_ = 0;
};

}  // namespace nacre
