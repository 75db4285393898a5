#include "target/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <stdexcept>

#include "base/random.h"

namespace nacre {
namespace {

std::vector<double> UpTo(int n) {
  std::vector<double> values(n);
  std::iota(values.begin(), values.end(), 1.0);
  return values;
}

TEST(Quantile, Interpolates) {
  EXPECT_DOUBLE_EQ(Median({3, 1, 2}), 2);
  EXPECT_DOUBLE_EQ(Median({4, 1, 2, 3}), 2.5);
  EXPECT_DOUBLE_EQ(Quantile({10, 0}, 0.9), 9);
  EXPECT_DOUBLE_EQ(Quantile({7}, 0.9), 7);
  EXPECT_DOUBLE_EQ(Quantile(UpTo(11), 1), 11);
  EXPECT_THROW(Median({}), std::logic_error);
}

// The textbook table of order statistics with 95 % coverage of the median.
TEST(MedianInterval, MatchesTheTable) {
  for (const auto& [n, k] : std::vector<std::pair<int, int>>{{6, 1},
                                                             {8, 1},
                                                             {9, 2},
                                                             {11, 2},
                                                             {12, 3},
                                                             {15, 4},
                                                             {17, 5},
                                                             {20, 6},
                                                             {25, 8},
                                                             {30, 10},
                                                             {40, 14}}) {
    const Interval interval = MedianInterval(UpTo(n));
    EXPECT_EQ(interval.low, k) << n;
    EXPECT_EQ(interval.high, n + 1 - k) << n;
  }
}

TEST(MedianInterval, IsTheRangeOfFew) {
  EXPECT_EQ(MedianInterval({5}).low, 5);
  EXPECT_EQ(MedianInterval({5, 1, 3}).high, 5);
  EXPECT_EQ(MedianInterval({5, 1, 3}).low, 1);
}

TEST(MedianInterval, CoversASkewedMedian) {
  Random random(5);
  int covered = 0;
  for (int trial = 0; trial < 1000; ++trial) {
    std::vector<double> values;
    for (int i = 0; i < 15; ++i) values.push_back(-std::log(1 - random.Uniform()));
    const Interval interval = MedianInterval(values);
    covered += interval.low <= std::log(2.0) && std::log(2.0) <= interval.high;
  }
  EXPECT_GE(covered, 945);
}

}  // namespace
}  // namespace nacre
