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

TEST(OnUnseen, KeepsAFifthOfTheGapHoweverLongItIsTrained) {
  EXPECT_NEAR(Known().OnUnseen(0.95, 1e9), 0.90 - 0.2 * 0.04, 1e-9);
}

TEST(OnUnseen, IsNoLowerWhereNothingOfTheOriginalIsLeft) { EXPECT_DOUBLE_EQ(Known().OnUnseen(0.5, 10), 0.5); }

}  // namespace
}  // namespace nacre
