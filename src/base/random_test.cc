#include "base/random.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/hash.h"

namespace nacre {
namespace {

TEST(Random, SameSeedSameSequenceAndForksAreIndependent) {
  Random a(7), b(7);
  EXPECT_EQ(a.Next(), b.Next());
  EXPECT_NE(a.Fork("split").Next(), a.Fork("augment").Next());
  EXPECT_EQ(a.Fork("split").Next(), b.Fork("split").Next());
}

TEST(Random, BelowStaysBelowAndIsRoughlyUniform) {
  Random random(1);
  int counts[5] = {};
  for (int i = 0; i < 5000; ++i) ++counts[random.Below(5)];
  for (int count : counts) EXPECT_NEAR(count, 1000, 150);
}

TEST(Random, NormalHasUnitVariance) {
  Random random(2);
  double sum = 0, squares = 0;
  for (int i = 0; i < 20000; ++i) {
    const double x = random.Normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / 20000, 0, 0.03);
  EXPECT_NEAR(squares / 20000, 1, 0.05);
}

TEST(Hash, SeparatesFieldsAndIsStable) {
  EXPECT_NE(Hasher().Add("a").Add("b").Digest(), Hasher().Add("ab").Digest());
  EXPECT_EQ(HashBytes("").size(), 32u);
  EXPECT_EQ(HashBytes(""), "99aa06d3014798d86001c324468d497f");  // XXH3-128 of the empty string
}

}  // namespace
}  // namespace nacre
