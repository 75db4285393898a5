#include "forecast/accuracy_predictor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "base/random.h"
#include "base/rank.h"

namespace nacre {
namespace {

struct Sample {
  std::vector<std::vector<double>> features;
  std::vector<double> targets;
};

Sample Draw(int rows, double noise, uint64_t seed) {
  Random random(seed);
  Sample sample;
  for (int i = 0; i < rows; ++i) {
    std::vector<double> x = {random.Normal(), 100 * random.Uniform(), 7, random.Normal()};
    sample.targets.push_back(0.9 - 0.02 * x[0] + 0.0005 * x[1] + noise * random.Normal());
    sample.features.push_back(std::move(x));
  }
  return sample;
}

AccuracyPredictor FittedOn(const Sample& sample) {
  AccuracyPredictor predictor;
  for (size_t i = 0; i < sample.targets.size(); ++i) {
    predictor.Add(sample.features[i], sample.targets[i]);
  }
  predictor.Fit();
  return predictor;
}

TEST(AccuracyPredictor, RecoversALinearLawBelowItsNoise) {
  const AccuracyPredictor predictor = FittedOn(Draw(60, 0.003, 1));
  const Sample test = Draw(200, 0, 2);
  double squared = 0;
  for (size_t i = 0; i < test.targets.size(); ++i) {
    squared += std::pow(predictor.Predict(test.features[i]).first - test.targets[i], 2);
  }
  EXPECT_LT(std::sqrt(squared / test.targets.size()), 0.0015);
}

TEST(AccuracyPredictor, DeviationCoversTheMeanButNotMuchMore) {
  int inside = 0, all = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const AccuracyPredictor predictor = FittedOn(Draw(40, 0.01, 100 + seed));
    const Sample test = Draw(50, 0, 200 + seed);
    for (size_t i = 0; i < test.targets.size(); ++i, ++all) {
      const auto [mean, deviation] = predictor.Predict(test.features[i]);
      // The constant's own uncertainty, noise / sqrt(n), is not part of the deviation.
      inside += std::abs(mean - test.targets[i]) < 2 * std::hypot(deviation, 0.01 / std::sqrt(40));
    }
  }
  EXPECT_GT(inside, 0.85 * all);
  EXPECT_LT(inside, all);
}

TEST(AccuracyPredictor, IsLessSureFarFromWhatItSaw) {
  const AccuracyPredictor predictor = FittedOn(Draw(30, 0.01, 5));
  EXPECT_GT(predictor.Predict({20, 50, 7, 0}).second, 3 * predictor.Predict({0, 50, 7, 0}).second);
}

TEST(AccuracyPredictor, FewObservationsGiveTheirMean) {
  const AccuracyPredictor predictor = FittedOn({{{1, 2}, {3, 5}}, {0.8, 0.9}});
  EXPECT_NEAR(predictor.Predict({5, 9}).first, 0.85, 1e-9);
  EXPECT_GT(predictor.Predict({5, 9}).second, 0);
}

TEST(AccuracyPredictor, RowsOfAnotherLengthAreABrokenContract) {
  AccuracyPredictor predictor;
  predictor.Add({1, 2}, 0.5);
  EXPECT_THROW(predictor.Add({1}, 0.5), std::logic_error);
}

TEST(KendallTau, KnownValues) {
  EXPECT_DOUBLE_EQ(KendallTau({1, 2, 3, 4}, {10, 20, 30, 40}), 1);
  EXPECT_DOUBLE_EQ(KendallTau({1, 2, 3, 4}, {4, 3, 2, 1}), -1);
  EXPECT_DOUBLE_EQ(KendallTau({1, 2, 3, 4}, {1, 2, 4, 3}), 4.0 / 6);
  EXPECT_DOUBLE_EQ(KendallTau({1, 1, 2, 3}, {1, 2, 3, 4}), 5 / std::sqrt(30.0));
  EXPECT_DOUBLE_EQ(KendallTau({1, 1}, {1, 2}), 0);
  EXPECT_THROW(KendallTau({1}, {1, 2}), std::logic_error);
}

}  // namespace
}  // namespace nacre
