#include "train/batch_size.h"

#include <gtest/gtest.h>

namespace nacre {
namespace {

Preprocess Square(int64_t side) { return {.height = side, .width = side}; }

TEST(BatchFor, SmallPicturesStayInLargeBatches) {
  EXPECT_EQ(BatchFor(Square(32), 45000, 50), 128);
  EXPECT_EQ(BatchFor(Square(32), 300, 50), 128);
  EXPECT_EQ(BatchFor(Square(64), 300, 50), 32);
}

TEST(BatchFor, ASmallSetOfLargePicturesHasEnoughUpdates) {
  EXPECT_EQ(BatchFor(Square(160), 2640, 50), 32);
  EXPECT_EQ(BatchFor(Square(224), 300, 50), 16);
  EXPECT_EQ(BatchFor(Square(224), 0, 50), 16);
}

TEST(BatchFor, ALargeSetHasTheUsualBatch) { EXPECT_EQ(BatchFor(Square(224), 1000000, 50), 128); }

}  // namespace
}  // namespace nacre
