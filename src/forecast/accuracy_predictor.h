// Accuracy of an architecture from a few features, by Bayesian ridge regression (C. Bishop, Pattern
// Recognition and Machine Learning, section 3.3): made for tens of observations, says how unsure it
// is.
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace nacre {

class AccuracyPredictor {
 public:
  AccuracyPredictor();
  ~AccuracyPredictor();
  AccuracyPredictor(AccuracyPredictor&&) noexcept;

  // Every call has as many features as the first (throws std::logic_error otherwise).
  void Add(const std::vector<double>& features, double accuracy);
  // Features are standardised; the penalty is chosen by leave-one-out error.
  void Fit();
  // Mean and standard deviation. Before Fit, or fitted on fewer than three: the mean of all, and
  // 0.1.
  std::pair<double, double> Predict(const std::vector<double>& features) const;

 private:
  struct Model;
  std::unique_ptr<Model> model_;
};

}  // namespace nacre
