#include "forecast/forecast.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "forecast/attainable.h"
#include "forecast/priors.h"

namespace nacre {

Forecast::Forecast(Original original) : original_(original) {
  curve_ = LearningCurve(TaughtReference(), CapacityShare(original_.validation, Reference()));
}

Forecast::Forecast(Original original, LearningCurve curve) : original_(original), curve_(curve) {}

double Forecast::Reference() const { return original_.stated.value_or(original_.validation); }

double Forecast::TaughtReference() const {
  return 1 - (1 - priors::kTaughtErrorReduction) * (1 - Reference());
}

// What the original has on the validation images beyond what it has on unseen ones.
double Forecast::Surplus() const { return std::max(0.0, original_.validation - Reference()); }

double Forecast::OnUnseen(double accuracy, double epochs) const {
  const double surplus = Surplus();
  if (surplus <= 0) return accuracy;  // nothing is memorised
  const double gap = std::max(0.0, original_.validation - accuracy);
  const double fades = priors::kMemorisedTrained + priors::kMemorisedUntrained / (1 + epochs);
  // The second bound alone would let a network with a smaller gap lose more.
  const double memorised = surplus * std::min(fades, std::exp(-gap / (surplus * fades)));
  return std::min(accuracy - memorised, TaughtReference() - priors::kUnseenShareOfGap * gap);
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
  curve_.Learn(before.accuracy, before.epochs, after, more, before.speedup);
}

}  // namespace nacre
