#include "forecast/forecast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "forecast/priors.h"

namespace nacre {
namespace {

Forecast Typical() { return Forecast({.accuracy = 0.90, .images = 5000}); }

// The curve begins at the original's accuracy and at what size typically costs.
TEST(Forecast, IsTheLearningCurveOfItsOriginal) {
  const Forecast forecast = Typical();
  const LearningCurve curve(0.90);
  EXPECT_DOUBLE_EQ(forecast.capacity_share(), priors::kTypicalCapacityShare);
  EXPECT_DOUBLE_EQ(forecast.exponent(), priors::kExponent);
  const Forecast::State state{.accuracy = 0.8, .epochs = 2, .speedup = 3};
  EXPECT_DOUBLE_EQ(forecast.After(state, 20), curve.Predict(0.8, 2, 20, 3));
  EXPECT_DOUBLE_EQ(forecast.Needed(state, 0.87), curve.Needed(0.8, 2, 0.87, 3));
  EXPECT_DOUBLE_EQ(forecast.Closing(2, 20), curve.Closing(2, 20));
  EXPECT_DOUBLE_EQ(forecast.Deviation(3), curve.Deviation(3));
  EXPECT_DOUBLE_EQ(forecast.Fastest(0.89), curve.Fastest(0.89));
}

TEST(Forecast, TrainingLeadsTowardsWhatIsAttainableAndNeverBelowWhatIsThere) {
  const Forecast forecast = Typical();
  const Forecast::State state{.accuracy = 0.8, .epochs = 2, .speedup = 3};
  EXPECT_EQ(forecast.After(state, 0), 0.8);
  EXPECT_LT(forecast.After(state, 5), forecast.After(state, 50));
  EXPECT_LT(forecast.After(state, 1e9), 0.90);
  EXPECT_EQ(forecast.After({.accuracy = 0.95, .epochs = 2, .speedup = 3}, 5), 0.95);
}

TEST(Forecast, NeededIsTheTrainingAfterWhichItIsThereAndInfiniteBeyondReach) {
  const Forecast forecast = Typical();
  const Forecast::State state{.accuracy = 0.8, .epochs = 2, .speedup = 3};
  EXPECT_NEAR(forecast.After(state, forecast.Needed(state, 0.87)), 0.87, 1e-12);
  EXPECT_EQ(forecast.Needed(state, 0.7), 0);
  EXPECT_TRUE(std::isinf(forecast.Needed(state, 0.99)));
  EXPECT_TRUE(std::isinf(forecast.Needed({.accuracy = 0.8, .epochs = 2, .speedup = 1e3}, 0.87)));
}

TEST(Forecast, LearnsFromWhatATrainingHasShown) {
  Forecast forecast = Typical();
  const Forecast::State state{.accuracy = 0.8, .epochs = 2, .speedup = 8};
  const double expected = forecast.After(state, 60), fastest = forecast.Fastest(0.89);
  const double shown = expected - 0.02;
  forecast.Learn(state, shown, 60);
  EXPECT_LT(std::abs(forecast.After(state, 60) - shown), 0.01);
  EXPECT_GT(forecast.capacity_share(), priors::kTypicalCapacityShare);
  EXPECT_LT(forecast.Fastest(0.89), fastest);
}

// sqrt(0.9 x 0.1 / 5000) = 0.00424.
TEST(Forecast, TrustsAnAccuracyByTheNumberOfImages) {
  EXPECT_NEAR(Typical().MeasuringDeviation(), std::hypot(0.00424, priors::kTrainingDeviation),
              1e-5);
  EXPECT_GT(Forecast({.accuracy = 0.9, .images = 50}).MeasuringDeviation(), 0.04);
  EXPECT_EQ(Forecast({.accuracy = 0.9}).MeasuringDeviation(), priors::kTrainingDeviation);
}

TEST(Forecast, LearnsLessFromFewImages) {
  Forecast many({.accuracy = 0.9, .images = 50000}), few({.accuracy = 0.9, .images = 50});
  const Forecast::State state{.accuracy = 0.8, .epochs = 2, .speedup = 8};
  const double shown = many.After(state, 60) - 0.02;
  many.Learn(state, shown, 60);
  few.Learn(state, shown, 60);
  EXPECT_GT(many.capacity_share(), few.capacity_share());
}

TEST(Forecast, MayBeGivenAnotherCurve) {
  const Forecast forecast({.accuracy = 0.9}, LearningCurve(0.8, 0.01, 0.5));
  EXPECT_EQ(forecast.exponent(), 0.5);
  EXPECT_EQ(forecast.capacity_share(), 0.01);
  EXPECT_LT(forecast.After({.accuracy = 0.5}, std::numeric_limits<double>::infinity()),
            0.8 + 1e-12);
}

TEST(Forecast, WithoutAnOriginalIsThatOfAPerfectOne) {
  EXPECT_EQ(Forecast().After({.accuracy = 0.7}, std::numeric_limits<double>::infinity()), 1);
  EXPECT_LT(Forecast().After({.accuracy = 0.7, .speedup = 5}, 1e9), 1);
}

}  // namespace
}  // namespace nacre
