#include "forecast/forecast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "forecast/priors.h"

namespace nacre {
namespace {

// An original with 99 % on the validation images that was stated to have 90 % on unseen ones.
Forecast Memorising() { return Forecast({.validation = 0.99, .stated = 0.90}); }

TEST(OnUnseen, IsTheStatedAccuracyOfTheOriginalItself) {
  EXPECT_DOUBLE_EQ(Memorising().OnUnseen(0.99, 0), 0.90);
  EXPECT_DOUBLE_EQ(Memorising().OnUnseen(0.99, 20), 0.905)
      << "trained, it is as the teacher, who sees both sides";
}

TEST(OnUnseen, IsWhatWasMeasuredWhereNothingIsMemorised) {
  EXPECT_DOUBLE_EQ(Forecast({.validation = 0.99, .stated = 0.99}).OnUnseen(0.8, 1), 0.8);
  EXPECT_DOUBLE_EQ(Forecast({.validation = 0.99}).OnUnseen(0.8, 1), 0.8);
  // More than on the validation images:
  EXPECT_DOUBLE_EQ(Forecast({.validation = 0.99, .stated = 0.995}).OnUnseen(0.8, 1), 0.8);
}

TEST(OnUnseen, GrowsWithAccuracyAndWithTraining) {
  const Forecast forecast = Memorising();
  for (const double epochs : {0.0, 1.0, 10.0, 100.0}) {
    for (double accuracy = 0.2; accuracy < 0.99; accuracy += 0.01) {
      EXPECT_LT(forecast.OnUnseen(accuracy, epochs), forecast.OnUnseen(accuracy + 0.01, epochs));
      EXPECT_LE(forecast.OnUnseen(accuracy, epochs), forecast.OnUnseen(accuracy, epochs + 1));
      EXPECT_LE(forecast.OnUnseen(accuracy, epochs), accuracy + 1e-12);
    }
  }
}

TEST(OnUnseen, LosesALittleHoweverLongItIsTrained) {
  EXPECT_NEAR(Memorising().OnUnseen(0.97, 1e9), 0.905 - 0.05 * 0.02, 1e-9);
}

TEST(OnUnseen, IsWhatIsMeasuredWhereNothingOfTheOriginalIsLeft) {
  EXPECT_NEAR(Memorising().OnUnseen(0.3, 10), 0.3, 1e-4);
}

// ResNet-20: 96.66 % here, 89.09 % unseen. Networks that the mean of both sides taught (decisions
// 23 and 24), the last two (run 9) later. One standard error is 0.45 points.
TEST(OnUnseen, IsNearWhatNetworksWereFoundToHave) {
  const Forecast forecast({.validation = 0.9666, .stated = 0.8909});
  struct Found {
    double validation, epochs, unseen;
  };
  for (const Found& found : {Found{0.9244, 0.25, 0.8730},
                             {0.8634, 0.32, 0.8373},
                             {0.8796, 0.32, 0.8424},
                             {0.9076, 1.1, 0.8730},
                             {0.8742, 1.4, 0.8540},
                             {0.8774, 6, 0.8665},
                             {0.8930, 24, 0.8771},
                             {0.9208, 30, 0.8972},
                             {0.9020, 39, 0.8830},
                             {0.8938, 41, 0.8748},
                             {0.9156, 12, 0.8852},
                             {0.8730, 15, 0.8550},
                             {0.8934, 11, 0.8744},
                             {0.9018, 32, 0.8846},
                             {0.9014, 30, 0.8805}}) {
    EXPECT_NEAR(forecast.OnUnseen(found.validation, found.epochs), found.unseen, 0.008)
        << found.validation;
  }
}

TEST(Forecast, RefersToTheStatedAccuracyWhereThereIsOne) {
  EXPECT_EQ(Memorising().Reference(), 0.90);
  EXPECT_EQ(Forecast({.validation = 0.99}).Reference(), 0.99);
  EXPECT_NEAR(Memorising().TaughtReference(), 0.905, 1e-12);
  EXPECT_NEAR(Forecast({.validation = 0.5}).TaughtReference(), 0.525, 1e-12);
}

// The curve begins at what the original's two accuracies say of its size.
TEST(Forecast, IsTheLearningCurveOfItsOriginal) {
  const Forecast forecast = Memorising();
  const double share = CapacityShare(0.99, 0.90);
  const LearningCurve curve(forecast.TaughtReference(), share);
  EXPECT_DOUBLE_EQ(forecast.capacity_share(), share);
  EXPECT_DOUBLE_EQ(forecast.exponent(), priors::kExponent);
  const Forecast::State state{.accuracy = 0.8, .epochs = 2, .speedup = 3};
  EXPECT_DOUBLE_EQ(forecast.After(state, 20), curve.Predict(0.8, 2, 20, 3));
  EXPECT_DOUBLE_EQ(forecast.Needed(state, 0.87), curve.Needed(0.8, 2, 0.87, 3));
  EXPECT_DOUBLE_EQ(forecast.Closing(2, 20), curve.Closing(2, 20));
  EXPECT_DOUBLE_EQ(forecast.Deviation(3), curve.Deviation(3));
  EXPECT_DOUBLE_EQ(forecast.Fastest(0.89), curve.Fastest(0.89));
}

TEST(Forecast, TrainingLeadsTowardsWhatIsAttainableAndNeverBelowWhatIsThere) {
  const Forecast forecast = Memorising();
  const Forecast::State state{.accuracy = 0.8, .epochs = 2, .speedup = 3};
  EXPECT_EQ(forecast.After(state, 0), 0.8);
  EXPECT_LT(forecast.After(state, 5), forecast.After(state, 50));
  EXPECT_LT(forecast.After(state, 1e9), forecast.TaughtReference());
  EXPECT_EQ(forecast.After({.accuracy = 0.95, .epochs = 2, .speedup = 3}, 5), 0.95);
}

TEST(Forecast, NeededIsTheTrainingAfterWhichItIsThereAndInfiniteBeyondReach) {
  const Forecast forecast = Memorising();
  const Forecast::State state{.accuracy = 0.8, .epochs = 2, .speedup = 3};
  EXPECT_NEAR(forecast.After(state, forecast.Needed(state, 0.87)), 0.87, 1e-12);
  EXPECT_EQ(forecast.Needed(state, 0.7), 0);
  EXPECT_TRUE(std::isinf(forecast.Needed(state, 0.99)));
  EXPECT_TRUE(std::isinf(forecast.Needed({.accuracy = 0.8, .epochs = 2, .speedup = 1e3}, 0.87)));
}

TEST(Forecast, LearnsFromWhatATrainingHasShown) {
  Forecast forecast = Memorising();
  const Forecast::State state{.accuracy = 0.8, .epochs = 2, .speedup = 8};
  const double expected = forecast.After(state, 60), fastest = forecast.Fastest(0.89);
  const double shown = expected - 0.02;
  forecast.Learn(state, shown, 60);
  EXPECT_LT(std::abs(forecast.After(state, 60) - shown), 0.01);
  EXPECT_GT(forecast.capacity_share(), CapacityShare(0.99, 0.90));
  EXPECT_LT(forecast.Fastest(0.89), fastest);
  EXPECT_DOUBLE_EQ(forecast.OnUnseen(0.95, 1), Memorising().OnUnseen(0.95, 1))
      << "what is memorised is not learned from finalists";
}

TEST(Forecast, MayBeGivenAnotherCurve) {
  const Forecast forecast({.validation = 0.99, .stated = 0.9}, LearningCurve(0.8, 0.01, 0.5));
  EXPECT_EQ(forecast.Reference(), 0.9);
  EXPECT_EQ(forecast.exponent(), 0.5);
  EXPECT_EQ(forecast.capacity_share(), 0.01);
  EXPECT_LT(forecast.After({.accuracy = 0.5}, std::numeric_limits<double>::infinity()),
            0.8 + 1e-12);
}

TEST(Forecast, WithoutAnOriginalIsThatOfAPerfectOne) {
  EXPECT_EQ(Forecast().Reference(), 1);
  EXPECT_EQ(Forecast().capacity_share(), priors::kTypicalCapacityShare);
  EXPECT_EQ(Forecast().OnUnseen(0.7, 3), 0.7);
}

}  // namespace
}  // namespace nacre
