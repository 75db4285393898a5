// What a network is expected to reach on images that the original never saw.
//
// The validation images may be split from the set that the original was trained on. Then it has
// memorised some of their answers, and networks that are derived from it inherit a part of that:
// all the less, the more accuracy they have lost and the longer they have been trained (decisions
// 20, 23 and 24). All accuracies are top-1 in [0, 1].
#pragma once

#include <optional>

#include "forecast/learning_curve.h"

namespace nacre {

// A value; not thread-safe while it learns.
class Forecast {
 public:
  struct Original {
    double validation = 0;         // on the validation images
    std::optional<double> stated;  // on unseen images; nothing: as on the validation images
  };
  // A network on the way.
  struct State {
    double accuracy = 0;  // on unseen images
    double epochs = 0;    // of training behind it
    double speedup = 1;   // over the original
  };

  // Nothing is known of the original.
  Forecast() : Forecast(Original{.validation = 1}) {}
  explicit Forecast(Original original);
  // The same with a learning curve of its own instead of the one that the priors give.
  Forecast(Original original, LearningCurve curve);

  // The original's accuracy on unseen images.
  double Reference() const;
  // The expected accuracy there of the original's mean over an image and its mirror image, which
  // teaches.
  double TaughtReference() const;
  // The expected accuracy on unseen images of a network that has `accuracy` on the validation
  // images after it was trained for `epochs` in the shape that it has.
  double OnUnseen(double accuracy, double epochs) const;

  // The expected accuracy after `more` epochs; never below what is there.
  double After(const State& state, double more) const;
  // The share of the gap to what is attainable that `more` epochs close after `done`.
  double Closing(double done, double more) const;
  // The standard deviation of what is attainable at this speedup.
  double Deviation(double speedup) const;
  // The epochs until the network is expected to have `wanted`; infinite when it is never.
  double Needed(const State& state, double wanted) const;
  // The speedup up to which `wanted` is attainable, at least 1.
  double Fastest(double wanted) const;
  // One training has shown that the network of `before` has accuracy `after`, `more` epochs later.
  void Learn(const State& before, double after, double more);

  double exponent() const { return curve_.exponent(); }
  double capacity_share() const { return curve_.capacity_share(); }

 private:
  double Surplus() const;

  Original original_;
  LearningCurve curve_;
};

}  // namespace nacre
