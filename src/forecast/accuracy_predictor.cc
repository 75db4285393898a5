#include "forecast/accuracy_predictor.h"

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "forecast/priors.h"

namespace nacre {

struct AccuracyPredictor::Model {
  std::vector<std::vector<double>> rows;
  std::vector<double> targets;
  bool fitted = false;
  double target_mean = 0, noise = priors::kPredictorDeviation;
  Eigen::VectorXd mean, scale, weights;
  Eigen::MatrixXd covariance;  // of the weights, over the noise variance
};

namespace {

// The grid that leave-one-out error chooses from.
constexpr double kPenalties[] = {0.03, 0.1, 0.3, 1, 3, 10, 30};
// Leverages are cut here, so that one row which only itself explains does not decide the penalty.
constexpr double kMostLeverage = 0.95;

}  // namespace

AccuracyPredictor::AccuracyPredictor() : model_(std::make_unique<Model>()) {}
AccuracyPredictor::~AccuracyPredictor() = default;
AccuracyPredictor::AccuracyPredictor(AccuracyPredictor&&) noexcept = default;

void AccuracyPredictor::Add(const std::vector<double>& features, double accuracy) {
  if (!model_->rows.empty() && model_->rows[0].size() != features.size()) {
    throw std::logic_error("the features of all observations must have one length");
  }
  model_->rows.push_back(features);
  model_->targets.push_back(accuracy);
  model_->fitted = false;
}

void AccuracyPredictor::Fit() {
  Model& m = *model_;
  const auto n = static_cast<Eigen::Index>(m.rows.size());
  m.target_mean = 0;
  for (double y : m.targets) m.target_mean += y / std::max<double>(1, static_cast<double>(n));
  if (n < priors::kPredictorLeastTrials.Count()) return;
  const auto d = static_cast<Eigen::Index>(m.rows[0].size());
  Eigen::MatrixXd x(n, d);
  Eigen::VectorXd y(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < d; ++j) x(i, j) = m.rows[i][j];
    y(i) = m.targets[i] - m.target_mean;
  }
  m.mean = x.colwise().mean();
  x.rowwise() -= m.mean.transpose();
  m.scale = (x.array().square().colwise().mean().sqrt() + 1e-12).matrix();
  x = x.array().rowwise() / m.scale.transpose().array();
  const Eigen::MatrixXd gram = x.transpose() * x;
  double best = std::numeric_limits<double>::infinity();
  for (double penalty : kPenalties) {
    const Eigen::MatrixXd inverse = (gram + penalty * Eigen::MatrixXd::Identity(d, d))
                                        .ldlt()
                                        .solve(Eigen::MatrixXd::Identity(d, d));
    const Eigen::VectorXd weights = inverse * (x.transpose() * y);
    const Eigen::VectorXd leverage = (x * inverse).cwiseProduct(x).rowwise().sum();
    const Eigen::VectorXd residual = y - x * weights;
    const double error =
        (residual.array() / (1.0 - leverage.array().min(kMostLeverage))).square().mean();
    if (error < best) {
      best = error;
      m.weights = weights;
      m.covariance = inverse;
      m.noise = std::sqrt(error);
    }
  }
  m.fitted = true;
}

std::pair<double, double> AccuracyPredictor::Predict(const std::vector<double>& features) const {
  const Model& m = *model_;
  if (!m.fitted) return {m.target_mean, priors::kPredictorDeviation};
  Eigen::VectorXd x(static_cast<Eigen::Index>(features.size()));
  for (size_t j = 0; j < features.size(); ++j) x(static_cast<Eigen::Index>(j)) = features[j];
  x = (x - m.mean).cwiseQuotient(m.scale);
  const double spread = std::sqrt(std::max(0.0, x.dot(m.covariance * x)));
  return {m.target_mean + x.dot(m.weights), m.noise * spread};
}

}  // namespace nacre
