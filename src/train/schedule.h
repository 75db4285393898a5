// How far a training is, by steps or by the clock, and the learning rate there. Knows no torch.
// Private to train/.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace nacre::train_internal {

// Share of the peak rate at `fraction` of the way (one cycle: Smith and Topin, arXiv 1708.07120):
// linear from zero to one over the first `warm_up` of the way, then linear to zero.
double OneCycle(double fraction, double warm_up);

// Progress through a training of `steps`, shortened so that it completes by the deadline: whichever
// of steps and time is further along counts, so that the learning rate always reaches zero at the
// end.
class Schedule {
 public:
  // Begins now, at `begin_fraction` of the way. A deadline of zero is none; for any other a missing
  // `clock` throws std::logic_error.
  Schedule(int64_t steps, Seconds deadline, const Clock* clock, double begin_fraction = 0);

  // How much of the way is done before step `step`, counted from 0; 1 or more: the training ends.
  double Fraction(int64_t step) const;
  // Estimate, at step `step`, of the steps in all.
  int64_t PlannedSteps(int64_t step) const;

 private:
  int64_t steps_;
  const Clock* clock_ = nullptr;
  Seconds begin_{0};
  Seconds allowed_{0};  // from begin_ to the end
  double begin_fraction_ = 0;
};

}  // namespace nacre::train_internal
