#include "forecast/forecast.h"

#include <cmath>

#include "forecast/priors.h"

namespace nacre {

Forecast::Forecast(Original original) : Forecast(original, LearningCurve(original.accuracy)) {}

Forecast::Forecast(Original original, LearningCurve curve) : original_(original), curve_(curve) {}

double Forecast::MeasuringDeviation() const {
  if (original_.images <= 0) return priors::kTrainingDeviation;
  const double variance = original_.accuracy * (1 - original_.accuracy);
  return std::hypot(priors::kTrainingDeviation,
                    std::sqrt(variance / static_cast<double>(original_.images)));
}

double Forecast::After(const State& state, double more) const {
  return curve_.Predict(state.accuracy, state.epochs, more, state.speedup);
}

double Forecast::Closing(double done, double more) const { return curve_.Closing(done, more); }

double Forecast::Deviation(double speedup) const { return curve_.Deviation(speedup); }

double Forecast::Needed(const State& state, double wanted) const {
  return curve_.Needed(state.accuracy, state.epochs, wanted, state.speedup);
}

double Forecast::Fastest(double wanted) const { return curve_.Fastest(wanted); }

void Forecast::Learn(const State& before, double after, double more) {
  curve_.Learn({.before = before.accuracy,
                .done = before.epochs,
                .after = after,
                .more = more,
                .speedup = before.speedup},
               MeasuringDeviation());
}

}  // namespace nacre
