#include "predict/attainable.h"

#include <gtest/gtest.h>

namespace nacre {
namespace {

TEST(Attainable, FallsWithSpeedAndIsTheOriginalsWithout) {
  EXPECT_DOUBLE_EQ(Attainable(0.9, 1), 0.9);
  EXPECT_DOUBLE_EQ(Attainable(0.9, 0.5), 0.9);
  EXPECT_GT(Attainable(0.9, 2), Attainable(0.9, 4));
  EXPECT_NEAR(1 - Attainable(0.9, 11), 0.1 * 1.2, 1e-9);
  EXPECT_EQ(Attainable(0, 10), 0);
  EXPECT_EQ(Attainable(1, 10), 1);
}

}  // namespace
}  // namespace nacre
