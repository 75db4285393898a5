#include "base/number.h"

#include <gtest/gtest.h>

#include <cmath>

namespace nacre {
namespace {

constexpr Number kShare{.name = "test.share", .value = 0.25, .meaning = "A share."};
constexpr Number kImages{.name = "test.images", .value = 8192, .meaning = "Images."};

TEST(Number, StandsWhereADoubleStands) {
  static_assert(kShare * 2 == 0.5);
  const double share = kShare;
  EXPECT_EQ(share, 0.25);
  EXPECT_EQ(std::pow(2.0, kShare), std::pow(2.0, 0.25));
}

TEST(Number, CountsInWholes) {
  static_assert(kImages.Count() == 8192);
  EXPECT_EQ(kImages.Count() / 3, 2730);
}

}  // namespace
}  // namespace nacre
