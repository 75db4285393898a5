// How far a training is, by steps or by the clock, and the learning rate there. Knows no torch.
// Private to train/.
#pragma once

#include <cstdint>
#include <vector>

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
  struct Options {
    int64_t steps = 1;             // in all
    Seconds deadline{0};           // 0: none
    const Clock* clock = nullptr;  // needed for a deadline
    int64_t begin_step = 0;        // where earlier calls stopped
    double begin_fraction = 0;     // how much of the way that was
    std::vector<double> pace;      // as another training went: Pace(); empty: by steps and clock
  };
  // Begins now. A deadline without a clock throws std::logic_error.
  explicit Schedule(Options options);

  // How much of the way is done before step `step`, counted from 0; 1 or more: the training ends.
  // Steps are asked for in their order; the clock is read once for each.
  double Fraction(int64_t step);
  // Estimate, at step `step`, of the steps in all.
  int64_t PlannedSteps(int64_t step);
  // The fractions of the steps so far from begin_step on, so that a training can be repeated to the
  // bit; empty where they follow from the steps alone.
  std::vector<double> Pace() const;

 private:
  double BySteps(int64_t step) const;
  double Now(int64_t step) const;

  Options options_;
  Seconds begin_{0};
  Seconds allowed_{0};  // from begin_ to the end
  std::vector<double> fractions_;
};

}  // namespace nacre::train_internal
