#include "forecast/learning_curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nacre {
namespace {

constexpr double kHeadStart = 1;   // epochs that start weights and distilled candidates are worth
constexpr double kErring = 0.005;  // standard deviation of what OnUnseen says (decision 20)
constexpr double kLeast = 0.2, kMost = 1.5;  // exponent
constexpr double kLeastPart = 0, kMostPart = 0.1;

}  // namespace

double LearningCurve::Closing(double done, double more) const {
  const double before = kHeadStart + done;
  return 1 - std::pow(before / (before + std::max(0.0, more)), exponent_);
}

double LearningCurve::Predict(double accuracy, double done, double more, double speedup) const {
  const double attainable = Attainable(reference_, speedup, part_), gap = attainable - accuracy;
  return gap <= 0 ? accuracy : attainable - gap * (1 - Closing(done, more));
}

double LearningCurve::Needed(double accuracy, double done, double wanted, double speedup) const {
  if (accuracy >= wanted) return 0;
  const double attainable = Attainable(reference_, speedup, part_);
  if (attainable <= wanted) return std::numeric_limits<double>::infinity();
  const double left = (attainable - wanted) / (attainable - accuracy);
  return (kHeadStart + done) * (std::pow(left, -1 / exponent_) - 1);
}

double LearningCurve::Deviation(double speedup) const {
  return Attainable(reference_, speedup, part_) -
         Attainable(reference_, speedup, part_ + std::sqrt(part_variance_));
}

void LearningCurve::Learn(double before, double done, double after, double more, double speedup) {
  constexpr double kStep = 1e-5;
  LearningCurve larger = *this, steeper = *this;
  larger.part_ += kStep;
  steeper.exponent_ += kStep;
  const double predicted = Predict(before, done, more, speedup);
  const double by_part = (larger.Predict(before, done, more, speedup) - predicted) / kStep;
  const double by_exponent = (steeper.Predict(before, done, more, speedup) - predicted) / kStep;
  const double part = part_variance_ * by_part + covariance_ * by_exponent;
  const double exponent = covariance_ * by_part + exponent_variance_ * by_exponent;
  const double variance = by_part * part + by_exponent * exponent + kErring * kErring;
  part_ = std::clamp(part_ + part / variance * (after - predicted), kLeastPart, kMostPart);
  exponent_ = std::clamp(exponent_ + exponent / variance * (after - predicted), kLeast, kMost);
  part_variance_ = std::max(0.0, part_variance_ - part * part / variance);
  exponent_variance_ -= exponent * exponent / variance;
  covariance_ -= part * exponent / variance;
}

}  // namespace nacre
