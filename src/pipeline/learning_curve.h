// How far training stands to go: what is missing to the reference shrinks as a power of the epochs (power-law learning
// curves; Hestness et al., arXiv 1712.00409). The exponent starts as a prior (docs/decisions/0014) and is learned from
// the first finalist.
#pragma once

#include "predict/attainable.h"

namespace nacre {

class LearningCurve {
 public:
  // `reference`: accuracy of the original, in [0, 1]. The gap closes to what is attainable (predict/attainable.h, also for `part`).
  explicit LearningCurve(double reference, double part = kTypicalPart, double exponent = 1)
      : reference_(reference), part_(part), exponent_(exponent) {}

  // Share of the gap that `more` epochs close after `done`.
  double Closing(double done, double more) const;
  // Accuracy after `more` epochs of a network that has `accuracy` after `done` and is `speedup` times faster.
  double Predict(double accuracy, double done, double more, double speedup = 1) const;
  // Epochs until it has `wanted`; infinite when it stands never to.
  double Needed(double accuracy, double done, double wanted, double speedup = 1) const;
  // What one training has shown: from `before` after `done` epochs to `after`, `more` epochs later.
  void Learn(double before, double done, double after, double more, double speedup = 1);

  double exponent() const { return exponent_; }

 private:
  double reference_, part_, exponent_;
};

}  // namespace nacre
