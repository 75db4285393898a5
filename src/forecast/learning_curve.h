// How far training is expected to go: the gap to the attainable accuracy shrinks as a power of the
// epochs (power-law learning curves; Hestness et al., arXiv 1712.00409). The exponent, and the
// error that size causes, begin as priors and are learned from what the run trains (decision 34).
#pragma once

#include "forecast/attainable.h"

namespace nacre {

// A value; accuracies in [0, 1], training in epochs.
class LearningCurve {
 public:
  // `reference`: the accuracy that a network as large as the original can reach. With it and
  // `capacity_share` Attainable (forecast/attainable.h) says where the gap closes to.
  explicit LearningCurve(double reference = 1,
                         double capacity_share = priors::kTypicalCapacityShare,
                         double exponent = priors::kExponent);

  // The share of the gap that `more` epochs close after `done`.
  double Closing(double done, double more) const;
  // The accuracy after `more` epochs of a network that has `accuracy` after `done` and is `speedup`
  // times as fast as the original; never below `accuracy`.
  double Predict(double accuracy, double done, double more, double speedup = 1) const;
  // The standard deviation of what is attainable at this speedup.
  double Deviation(double speedup) const;
  // The speedup up to which `wanted` is attainable.
  double Fastest(double wanted) const {
    return FastestThatAttains(wanted, reference_, capacity_share_);
  }
  // The epochs until the network has `wanted`; infinite when it is expected never to.
  double Needed(double accuracy, double done, double wanted, double speedup = 1) const;
  // One training: from the accuracy `before` after `done` epochs to `after`, `more` epochs later.
  struct Shown {
    double before = 0, done = 0, after = 0, more = 0, speedup = 1;
  };
  // `deviation` is the standard deviation of the accuracy that was seen. Exponent and capacity
  // share give way as far as each is uncertain and the prediction depends on it: one update of the
  // extended Kalman filter.
  void Learn(const Shown& shown, double deviation);

  double exponent() const { return exponent_; }
  double capacity_share() const { return capacity_share_; }

 private:
  double reference_, capacity_share_, exponent_;
  double capacity_variance_;
  double exponent_variance_ = priors::kExponentDeviation * priors::kExponentDeviation;
  double covariance_ = 0;
};

}  // namespace nacre
