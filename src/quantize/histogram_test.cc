#include "quantize/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "base/random.h"

namespace nacre::quantize_internal {
namespace {

std::vector<float> Normals(int count, bool rectified) {
  Random random(3);
  std::vector<float> values;
  for (int i = 0; i < count; ++i) {
    const auto value = static_cast<float>(random.Normal());
    values.push_back(rectified ? std::max(0.0f, value) : value);
  }
  return values;
}

TEST(Histogram, PercentileLeavesOutTheOutliersOnly) {
  std::vector<float> values(10000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i + 1) / 10000;
  values.push_back(100);
  Histogram histogram({0, 100});
  histogram.Add(values);
  const float width = 100.0f / Histogram::kBins;
  EXPECT_NEAR(histogram.Percentile(99.9).high, 1, 2 * width);
  EXPECT_EQ(histogram.Percentile(100).high, 100);
  EXPECT_EQ(histogram.Percentile(99.9).low, 0);
}

TEST(Histogram, LeastSquaresClipsARareOutlierButNotAUniformSpread) {
  // One value of 40 among 4 million: its squared error is less than what steps of 40 / 255 cost the
  // others.
  const auto values = Normals(20000, true);
  Histogram spiked({0, 40});
  for (int i = 0; i < 200; ++i) spiked.Add(values);
  spiked.Add(std::vector<float>{40});
  EXPECT_LT(spiked.LeastSquares().high, 12);
  EXPECT_GT(spiked.LeastSquares().high, 3);

  std::vector<float> uniform(10000);
  for (size_t i = 0; i < uniform.size(); ++i) uniform[i] = static_cast<float>(i) / 10000;
  Histogram even({0, 1});
  even.Add(uniform);
  EXPECT_GT(even.LeastSquares().high, 0.97);
}

TEST(Histogram, RangesContainZeroAndStayInsideTheExtremes) {
  const auto values = Normals(5000, false);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  Histogram histogram({*low, *high});
  histogram.Add(values);
  for (const Range& range : {histogram.Percentile(99), histogram.LeastSquares()}) {
    EXPECT_LT(range.low, 0);
    EXPECT_GE(range.low, *low);
    EXPECT_GT(range.high, 0);
    EXPECT_LE(range.high, *high);
  }
  EXPECT_EQ(Histogram({2, 5}).extremes().low, 0);
}

TEST(Histogram, AConstantZeroIsHarmless) {
  Histogram histogram({0, 0});
  histogram.Add(std::vector<float>(10, 0.0f));
  EXPECT_EQ(histogram.LeastSquares().high, 0);
  EXPECT_EQ(histogram.Percentile(99).high, 0);
}

TEST(Histogram, ZerosDoNotCount) {
  Histogram sparse({0, 1}), dense({0, 1});
  for (int i = 1; i <= 100; ++i) {
    const std::vector<float> value = {static_cast<float>(i) / 100};
    sparse.Add(value);
    dense.Add(value);
  }
  sparse.Add(std::vector<float>(100000, 0.0f));
  EXPECT_EQ(sparse.Percentile(90).high, dense.Percentile(90).high);
  EXPECT_NEAR(sparse.Percentile(90).high, 0.9, 0.01);
  EXPECT_EQ(sparse.LeastSquares().high, dense.LeastSquares().high);
}

TEST(Histogram, ValuesOutsideTheExtremesFallIntoTheOutermostBins) {
  Histogram histogram({-1, 1});
  histogram.Add(std::vector<float>{-7, 7, std::numeric_limits<float>::max()});
  const Range all = histogram.Percentile(100);
  EXPECT_EQ(all.low, -1);
  EXPECT_EQ(all.high, 1);
}

TEST(Histogram, EachEndIsClippedByItsOwnShare) {
  Histogram histogram({-10, 10});
  std::vector<float> values(1000, 1.0f);
  values.insert(values.end(), 1000, -1.0f);
  values.insert(values.end(), 30, 9.0f);  // 1.5 % of all
  values.push_back(-9);
  histogram.Add(values);
  const Range range = histogram.Percentile(99);
  const float width = 20.0f / Histogram::kBins;
  EXPECT_NEAR(range.high, 9, 2 * width) << "more than 1 % lies there";
  EXPECT_NEAR(range.low, -1, 2 * width);
}

TEST(Histogram, ALowerEndIsSearchedToo) {
  auto values = Normals(20000, true);
  for (float& value : values) value = -value;
  Histogram histogram({-40, 0});
  for (int i = 0; i < 200; ++i) histogram.Add(values);
  histogram.Add(std::vector<float>{-40});
  EXPECT_GT(histogram.LeastSquares().low, -12);
  EXPECT_LT(histogram.LeastSquares().low, -3);
  EXPECT_EQ(histogram.LeastSquares().high, 0);
}

TEST(Histogram, NothingAddedGivesARangeInsideTheExtremes) {
  const Histogram histogram({-2, 3});
  for (const Range& range : {histogram.Percentile(99), histogram.LeastSquares()}) {
    EXPECT_GE(range.low, -2);
    EXPECT_LE(range.low, 0);
    EXPECT_GE(range.high, 0);
    EXPECT_LE(range.high, 3);
  }
}

}  // namespace
}  // namespace nacre::quantize_internal
