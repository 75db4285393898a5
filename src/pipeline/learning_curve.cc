#include "pipeline/learning_curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nacre {
namespace {

constexpr double kHeadStart = 1;          // epochs that start weights and distilled candidates are worth
constexpr double kLeastGap = 0.002;       // smaller ones are noise
constexpr double kLeast = 0.2, kMost = 1.5;

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

void LearningCurve::Learn(double before, double done, double after, double more, double speedup) {
  const double attainable = Attainable(reference_, speedup, part_), gap = attainable - before;
  if (gap < 2 * kLeastGap || more <= 0) return;
  const double left = std::max(kLeastGap, attainable - after);
  const double growth = std::log((kHeadStart + done + more) / (kHeadStart + done));
  exponent_ = std::clamp(std::log(gap / left) / growth, kLeast, kMost);
}

}  // namespace nacre
