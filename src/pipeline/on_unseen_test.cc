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
  EXPECT_DOUBLE_EQ(Known().OnUnseen(0.99, 20), 0.905)
      << "trained, it is as the teacher, who sees both sides";
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

TEST(OnUnseen, LosesALittleHoweverLongItIsTrained) {
  EXPECT_NEAR(Known().OnUnseen(0.97, 1e9), 0.905 - 0.05 * 0.02, 1e-9);
}

TEST(OnUnseen, IsWhatIsMeasuredWhereNothingOfTheOriginalIsLeft) {
  EXPECT_NEAR(Known().OnUnseen(0.3, 10), 0.3, 1e-4);
}

// ResNet-20: 96.66 % here, 89.09 % unseen. Networks that the mean of both sides taught (decisions
// 23 and 24), the last two (run 9) later. One standard error is 0.45 points.
TEST(OnUnseen, IsNearWhatNetworksWereFoundToHave) {
  Context context;
  context.baseline_validation = 0.9666;
  context.config.stated_accuracy = 0.8909;
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
    EXPECT_NEAR(context.OnUnseen(found.validation, found.epochs), found.unseen, 0.008)
        << found.validation;
  }
}

}  // namespace
}  // namespace nacre
