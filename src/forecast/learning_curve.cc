#include "forecast/learning_curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nacre {

using priors::kHeadStartEpochs;

LearningCurve::LearningCurve(double reference, double capacity_share, double exponent)
    : reference_(reference), capacity_share_(capacity_share), exponent_(exponent) {
  const double deviation = priors::kCapacityShareDeviation * capacity_share;
  capacity_variance_ = deviation * deviation;
}

double LearningCurve::Closing(double done, double more) const {
  const double before = kHeadStartEpochs + done;
  return 1 - std::pow(before / (before + std::max(0.0, more)), exponent_);
}

double LearningCurve::Predict(double accuracy, double done, double more, double speedup) const {
  const double attainable = Attainable(reference_, speedup, capacity_share_);
  const double gap = attainable - accuracy;
  return gap <= 0 ? accuracy : attainable - gap * (1 - Closing(done, more));
}

double LearningCurve::Needed(double accuracy, double done, double wanted, double speedup) const {
  if (accuracy >= wanted) return 0;
  const double attainable = Attainable(reference_, speedup, capacity_share_);
  if (attainable <= wanted) return std::numeric_limits<double>::infinity();
  const double left = (attainable - wanted) / (attainable - accuracy);
  return (kHeadStartEpochs + done) * (std::pow(left, -1 / exponent_) - 1);
}

double LearningCurve::Deviation(double speedup) const {
  return Attainable(reference_, speedup, capacity_share_) -
         Attainable(reference_, speedup, capacity_share_ + std::sqrt(capacity_variance_));
}

void LearningCurve::Learn(const Shown& shown, double deviation) {
  const auto predict = [&shown](const LearningCurve& curve) {
    return curve.Predict(shown.before, shown.done, shown.more, shown.speedup);
  };
  constexpr double kDifference = 1e-5;  // of the finite differences
  constexpr double kLeastCapacityShare = 0;
  // How the prediction depends on each of the two numbers.
  const double predicted = predict(*this);
  LearningCurve larger = *this;
  larger.capacity_share_ += kDifference;
  const double by_capacity = (predict(larger) - predicted) / kDifference;
  LearningCurve steeper = *this;
  steeper.exponent_ += kDifference;
  const double by_exponent = (predict(steeper) - predicted) / kDifference;
  // The Kalman gain of each is its covariance with the prediction over the variance of what was
  // seen.
  const double capacity = capacity_variance_ * by_capacity + covariance_ * by_exponent;
  const double exponent = covariance_ * by_capacity + exponent_variance_ * by_exponent;
  const double variance = by_capacity * capacity + by_exponent * exponent + deviation * deviation;
  const double surprise = shown.after - predicted;
  capacity_share_ = std::clamp<double>(capacity_share_ + capacity / variance * surprise,
                                       kLeastCapacityShare, priors::kMostLearnedCapacityShare);
  exponent_ = std::clamp<double>(exponent_ + exponent / variance * surprise, priors::kLeastExponent,
                                 priors::kMostExponent);
  capacity_variance_ = std::max(0.0, capacity_variance_ - capacity * capacity / variance);
  exponent_variance_ -= exponent * exponent / variance;
  covariance_ -= capacity * exponent / variance;
}

}  // namespace nacre
