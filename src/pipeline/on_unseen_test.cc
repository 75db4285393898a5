#include <gtest/gtest.h>

#include "pipeline/context.h"

namespace nacre {
namespace {

// An original with 99 % on the validation images, of which it was stated to have 90 %.
Context Known() {
  Context context;
  context.baseline_validation = 0.99;
  context.config.stated_accuracy = 0.90;
  return context;
}

TEST(OnUnseen, IsTheStatedAccuracyOfTheOriginalItself) {
  EXPECT_DOUBLE_EQ(Known().OnUnseen(0.99, 0), 0.90);
  EXPECT_DOUBLE_EQ(Known().OnUnseen(0.99, 20), 0.90);
}

TEST(OnUnseen, IsWhatWasMeasuredWithoutAnythingKnownByHeart) {
  Context context = Known();
  context.config.stated_accuracy = 0.99;
  EXPECT_DOUBLE_EQ(context.OnUnseen(0.8, 1), 0.8);
  context.config.stated_accuracy.reset();
  EXPECT_DOUBLE_EQ(context.OnUnseen(0.8, 1), 0.8);
  context.config.stated_accuracy = 0.995;  // more than on the validation images
  EXPECT_DOUBLE_EQ(context.OnUnseen(0.8, 1), 0.8);
}

TEST(OnUnseen, GrowsWithAccuracyAndWithTraining) {
  const Context context = Known();
  for (const double epochs : {0.0, 1.0, 10.0, 100.0}) {
    for (double accuracy = 0.2; accuracy < 0.99; accuracy += 0.01) {
      EXPECT_LT(context.OnUnseen(accuracy, epochs), context.OnUnseen(accuracy + 0.01, epochs));
      EXPECT_LE(context.OnUnseen(accuracy, epochs), context.OnUnseen(accuracy, epochs + 1));
      EXPECT_LE(context.OnUnseen(accuracy, epochs), accuracy + 1e-12);
    }
  }
}

TEST(OnUnseen, LosesALittleHoweverLongItIsTrained) { EXPECT_NEAR(Known().OnUnseen(0.97, 1e9), 0.90 - 0.05 * 0.02, 1e-9); }

TEST(OnUnseen, IsWhatIsMeasuredWhereNothingOfTheOriginalIsLeft) { EXPECT_NEAR(Known().OnUnseen(0.3, 10), 0.3, 1e-4); }

// ResNet-20's 96.66 % here and 89.09 % unseen; networks of run 7 (docs/results.md), which have a standard error of 0.45 points.
TEST(OnUnseen, IsNearWhatNetworksWereFoundToHave) {
  Context context;
  context.baseline_validation = 0.9666;
  context.config.stated_accuracy = 0.8909;
  struct Found { double validation, epochs, unseen; };
  for (const Found& found : {Found{0.9212, 0.2, 0.8714}, {0.8446, 0.3, 0.8181}, {0.7966, 0.3, 0.7821}, {0.9096, 1.4, 0.8712},
                             {0.8772, 1.4, 0.8567}, {0.9234, 26, 0.8820}, {0.9284, 33, 0.8883}}) {
    EXPECT_NEAR(context.OnUnseen(found.validation, found.epochs), found.unseen, 0.006) << found.validation;
  }
}

}  // namespace
}  // namespace nacre
