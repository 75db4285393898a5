#include "predict/attainable.h"

#include <gtest/gtest.h>

namespace nacre {
namespace {

TEST(Attainable, FallsWithSpeedAndIsTheOriginalsWithout) {
  EXPECT_DOUBLE_EQ(Attainable(0.9, 1), 0.9);
  EXPECT_DOUBLE_EQ(Attainable(0.9, 0.5), 0.9);
  EXPECT_GT(Attainable(0.9, 2), Attainable(0.9, 4));
  EXPECT_NEAR(1 - Attainable(0.9, 9, 0.1), 0.1 * 1.2, 1e-9);
  EXPECT_GT(Attainable(0.9, 3, 0.1), Attainable(0.9, 3, 0.2));
  EXPECT_EQ(Attainable(0, 10), 0);
  EXPECT_EQ(Attainable(1, 10), 1);
}

TEST(PartOfSize, GrowsWithWhatTheOriginalCouldNotLearnByHeart) {
  EXPECT_LT(PartOfSize(1, 0.9), PartOfSize(0.99, 0.9));
  EXPECT_LT(PartOfSize(0.99, 0.9), PartOfSize(0.95, 0.9));
  EXPECT_LE(PartOfSize(0.901, 0.9), 0.25);
  EXPECT_GT(PartOfSize(1, 0.9), 0);
}

TEST(PartOfSize, IsTypicalWhereNothingIsKnownByHeart) {
  EXPECT_EQ(PartOfSize(0.9, 0.9), kTypicalPart);
  EXPECT_EQ(PartOfSize(0.89, 0.9), kTypicalPart);
  EXPECT_EQ(PartOfSize(1, 1), kTypicalPart);
}

}  // namespace
}  // namespace nacre
