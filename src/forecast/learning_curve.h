// How far training stands to go: what is missing to the attainable shrinks as a power of the epochs
// (power-law learning curves; Hestness et al., arXiv 1712.00409). The exponent, and what size
// costs, start as priors (docs/decisions/0014, 0020) and are learned from finalists.
#pragma once

#include "forecast/attainable.h"

namespace nacre {

class LearningCurve {
 public:
  // `reference`: accuracy of the original, in [0, 1]. The gap closes to what is attainable
  // (predict/attainable.h, also for `part`, of which half is taken for its standard deviation).
  explicit LearningCurve(double reference = 1, double part = kTypicalPart, double exponent = 1)
      : reference_(reference), part_(part), exponent_(exponent), part_variance_(part * part / 4) {}

  // Share of the gap that `more` epochs close after `done`.
  double Closing(double done, double more) const;
  // Accuracy after `more` epochs of a network that has `accuracy` after `done` and is `speedup`
  // times faster.
  double Predict(double accuracy, double done, double more, double speedup = 1) const;
  // Standard deviation of what is attainable at this speedup.
  double Deviation(double speedup) const;
  // Speedup up to which `wanted` is attainable.
  double Fastest(double wanted) const { return FastestThatAttains(wanted, reference_, part_); }
  // Epochs until it has `wanted`; infinite when it stands never to.
  double Needed(double accuracy, double done, double wanted, double speedup = 1) const;
  // What one training has shown: from `before` after `done` epochs to `after`, `more` epochs later.
  // Exponent and part give way as far as each is uncertain and the prediction depends on it (a step
  // of the extended Kalman filter).
  void Learn(double before, double done, double after, double more, double speedup = 1);

  double exponent() const { return exponent_; }
  double part() const { return part_; }

 private:
  double reference_, part_, exponent_;
  // Of part and exponent: variances, and the covariance.
  double part_variance_, exponent_variance_ = 0.3 * 0.3, covariance_ = 0;
};

}  // namespace nacre
