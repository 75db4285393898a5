// What a network is expected to reach, on images that the original never saw: those that select
// the networks. All accuracies are top-1 in [0, 1].
#pragma once

#include <cstdint>

#include "forecast/learning_curve.h"

namespace nacre {

// A value; not thread-safe while it learns.
class Forecast {
 public:
  // The original's accuracy, and the number of images on which it was measured; 0: exactly known.
  struct Original {
    double accuracy = 1;
    int64_t images = 0;
  };
  // A network on the way.
  struct State {
    double accuracy = 0;
    double epochs = 0;   // of training behind it
    double speedup = 1;  // over the original
  };

  // Nothing is known of the original.
  Forecast() : Forecast(Original()) {}
  explicit Forecast(Original original);
  // The same with a learning curve of its own instead of the one that the priors give.
  Forecast(Original original, LearningCurve curve);

  // The standard deviation of an accuracy that was measured: by the number of images, and by the
  // chance of one training.
  double MeasuringDeviation() const;

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
  Original original_;
  LearningCurve curve_;
};

}  // namespace nacre
