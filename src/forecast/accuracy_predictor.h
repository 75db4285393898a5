// The accuracy of an architecture from a few features, by Bayesian ridge regression (C. Bishop,
// Pattern Recognition and Machine Learning, section 3.3). It is made for tens of observations and
// says how unsure it is.
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace nacre {

// Not thread-safe while it is fitted.
class AccuracyPredictor {
 public:
  AccuracyPredictor();
  ~AccuracyPredictor();
  AccuracyPredictor(AccuracyPredictor&&) noexcept;

  // Adds an observation; accuracy in [0, 1]. Throws std::logic_error when it has not as many
  // features as the first one.
  void Add(const std::vector<double>& features, double accuracy);
  // Fits all observations. Features are standardised; leave-one-out error chooses the penalty.
  void Fit();
  // Mean and standard deviation of the accuracy. Fitted on too few observations
  // (priors::kPredictorLeastTrials): the mean of all, and priors::kPredictorDeviation.
  std::pair<double, double> Predict(const std::vector<double>& features) const;

 private:
  struct Model;
  std::unique_ptr<Model> model_;
};

}  // namespace nacre
