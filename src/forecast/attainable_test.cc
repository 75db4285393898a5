#include "forecast/attainable.h"

#include <gtest/gtest.h>

#include <cmath>

namespace nacre {
namespace {

TEST(Attainable, FallsWithSpeedFromTheOriginals) {
  EXPECT_DOUBLE_EQ(Attainable(0.9, 1), 0.9);
  EXPECT_DOUBLE_EQ(Attainable(0.9, 0.5), 0.9);
  EXPECT_GT(Attainable(0.9, 2), Attainable(0.9, 4));
  EXPECT_NEAR(1 - Attainable(0.9, 9, 0.01), 0.1 * 1.08, 1e-9);
  EXPECT_GT(Attainable(0.9, 3, 0.1), Attainable(0.9, 3, 0.2));
  EXPECT_EQ(Attainable(0, 10), 0);
  // An original that makes no error loses by size all the same: a twentieth is shared.
  EXPECT_NEAR(Attainable(1, 10, 0.02), 1 - 0.05 * 0.02 * 9, 1e-12);
}

TEST(Attainable, FastestThatAttainsIsItsInverse) {
  EXPECT_NEAR(Attainable(0.9, FastestThatAttains(0.87, 0.9, 0.03), 0.03), 0.87, 1e-12);
  EXPECT_EQ(FastestThatAttains(0.91, 0.9, 0.03), 1);
  EXPECT_EQ(FastestThatAttains(0.9, 0.9, 0.03), 1);
  EXPECT_TRUE(std::isinf(FastestThatAttains(0.89, 0.9, 0)));
  EXPECT_NEAR(Attainable(1, FastestThatAttains(0.99, 1, 0.03), 0.03), 0.99, 1e-12);
}

}  // namespace
}  // namespace nacre
