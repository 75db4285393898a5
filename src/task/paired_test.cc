#include "task/paired.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>

namespace nacre {
namespace {

TEST(Paired, CountsEveryImageOnce) {
  const PairedCounts counts = CountPairs({true, true, false, false}, {true, false, true, false});
  EXPECT_EQ(counts.both, 1);
  EXPECT_EQ(counts.only_original, 1);
  EXPECT_EQ(counts.only_result, 1);
  EXPECT_EQ(counts.neither, 1);
  EXPECT_EQ(counts.images(), 4);
  EXPECT_THROW(CountPairs({true}, {}), std::logic_error);
}

TEST(Paired, FourImagesShowLittle) {
  const Drop drop = DropInPoints({.both = 2, .neither = 2});
  EXPECT_DOUBLE_EQ(drop.value, 0);
  EXPECT_NEAR(drop.low, -drop.high, 1e-9);  // equal evidence on both sides
  EXPECT_GT(drop.high, 0.3);
}

// With no discordant answers the score bound of the difference is known in closed form:
// n d^2 = z^2 d (1 - d), so d = z^2 / (n + z^2).
TEST(Paired, BoundOfEqualAnswersInClosedForm) {
  const double z2 = 1.6448536269514722 * 1.6448536269514722;
  const Drop drop = DropInPoints({.both = 80, .neither = 20});
  EXPECT_NEAR(drop.high, z2 / (100 + z2), 1e-9);
}

TEST(Paired, RatioOfOneIsMcNemarsScore) {
  // At the bound of a relative drop of zero the statistic is (b - c) / sqrt(b + c): with b = 100
  // and c = 73 it is 2.053, with 100 and 78 it is 1.649 and the lower bound touches zero.
  const Drop clear =
      RelativeDrop({.both = 800, .only_original = 100, .only_result = 73, .neither = 27});
  EXPECT_GT(clear.low, 0);
  const Drop touching =
      RelativeDrop({.both = 795, .only_original = 100, .only_result = 78, .neither = 27});
  EXPECT_NEAR(touching.low, 0, 1e-4);
}

TEST(Paired, DropIsRelativeToTheOriginal) {
  const Drop drop =
      RelativeDrop({.both = 880, .only_original = 20, .only_result = 11, .neither = 89});
  EXPECT_NEAR(drop.value, 1 - 891.0 / 900, 1e-12);
  EXPECT_LT(drop.low, drop.value);
  EXPECT_GT(drop.high, drop.value);
}

TEST(Paired, MoreImagesNarrowTheBounds) {
  const Drop few = RelativeDrop({.both = 88, .only_original = 2, .only_result = 1, .neither = 9});
  const Drop many =
      RelativeDrop({.both = 8800, .only_original = 200, .only_result = 100, .neither = 900});
  EXPECT_LT(many.high - many.low, (few.high - few.low) / 5);
}

TEST(Paired, NothingRightIsNoDrop) {
  EXPECT_DOUBLE_EQ(RelativeDrop({.neither = 10}).high, 0);
  EXPECT_DOUBLE_EQ(DropInPoints({}).high, 0);
}

TEST(Paired, ExactMcNemar) {
  EXPECT_DOUBLE_EQ(EqualityProbability({.both = 10}), 1);
  // 2 * (1 + 10) / 1024: one of ten discordant answers.
  EXPECT_NEAR(EqualityProbability({.only_original = 9, .only_result = 1}), 22.0 / 1024, 1e-12);
  EXPECT_DOUBLE_EQ(EqualityProbability({.only_original = 5, .only_result = 5}), 1);
}

struct Truth {
  double both = 0, only_original = 0, only_result = 0;
};

PairedCounts Draw(const Truth& truth, int images, std::mt19937& random) {
  std::uniform_real_distribution<double> uniform;
  PairedCounts counts;
  for (int i = 0; i < images; ++i) {
    const double u = uniform(random);
    if (u < truth.both) {
      ++counts.both;
    } else if (u < truth.both + truth.only_original) {
      ++counts.only_original;
    } else if (u < truth.both + truth.only_original + truth.only_result) {
      ++counts.only_result;
    } else {
      ++counts.neither;
    }
  }
  return counts;
}

// A network whose true relative drop is exactly the limit of 1 % must pass in about 5 % of the test
// sets, at most; here in 2,000 sets of 1,000 images, with four standard errors of room.
TEST(Paired, AcceptsTheLimitItselfAtMostInFivePercent) {
  std::mt19937 random(7);
  const Truth at_limit{.both = 0.851, .only_original = 0.049, .only_result = 0.04};
  int certified = 0;
  for (int i = 0; i < 2000; ++i) {
    certified += RelativeDrop(Draw(at_limit, 1000, random)).high <= 0.01 ? 1 : 0;
  }
  EXPECT_LE(certified, 2000 * 0.05 + 4 * std::sqrt(2000 * 0.05 * 0.95));
  EXPECT_GE(certified, 2000 * 0.05 - 4 * std::sqrt(2000 * 0.05 * 0.95));  // and not for nothing
}

TEST(Paired, BoundInPointsHoldsToo) {
  std::mt19937 random(8);
  const Truth at_limit{.both = 0.84, .only_original = 0.05, .only_result = 0.045};
  int certified = 0;
  for (int i = 0; i < 2000; ++i) {
    certified += DropInPoints(Draw(at_limit, 1000, random)).high <= 0.005 ? 1 : 0;
  }
  EXPECT_NEAR(certified, 100, 4 * std::sqrt(2000 * 0.05 * 0.95));
}

}  // namespace
}  // namespace nacre
