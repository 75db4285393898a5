#include "search/front.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>

namespace nacre {
namespace {

Evaluated At(double cost, double accuracy, std::string error = "") {
  return {{}, {.accuracy = accuracy, .cost = cost, .error = std::move(error)}};
}

TEST(ParetoFront, KeepsWhatNothingBeats) {
  const auto front =
      ParetoFront({At(3, 0.9), At(1, 0.5), At(2, 0.4), At(2, 0.7), At(0.1, 1, "failed")});
  ASSERT_EQ(front.size(), 3u);
  EXPECT_EQ(front[0].outcome.cost, 1);
  EXPECT_EQ(front[1].outcome.accuracy, 0.7);
  EXPECT_EQ(front[2].outcome.cost, 3);
}

TEST(ParetoFront, NaNIsNeverOnItAndHidesNothing) {
  const double nan = std::nan("");
  const auto front = ParetoFront(
      {At(1, nan), At(nan, 1), At(2, 0.5), At(nan, nan), At(1, 0.4), At(3, 0.9), At(0.5, nan)});
  ASSERT_EQ(front.size(), 3u);
  EXPECT_EQ(front[0].outcome.accuracy, 0.4);
  EXPECT_EQ(front[1].outcome.accuracy, 0.5);
  EXPECT_EQ(front[2].outcome.accuracy, 0.9);
  EXPECT_TRUE(ParetoFront({At(nan, 0.5), At(1, nan)}).empty());
}

TEST(ParetoFront, OfEqualOnesTheFirstStays) {
  Evaluated first = At(1, 0.5), second = At(1, 0.5);
  first.trial.point.genes = {7};
  second.trial.point.genes = {8};
  const auto front = ParetoFront({first, second});
  ASSERT_EQ(front.size(), 1u);
  EXPECT_EQ(front[0].trial.point.genes, std::vector<int>{7});
}

TEST(Point, KeyTellsPointsApart) {
  EXPECT_EQ((Point{{1, 2}, {}}.Key()), "1,2");
  EXPECT_EQ((Point{{1, 2}, {"b3:drop", "stem:stride2"}}.Key()), "1,2|b3:drop|stem:stride2");
  EXPECT_NE((Point{{12}, {}}.Key()), (Point{{1, 2}, {}}.Key()));
}

}  // namespace
}  // namespace nacre
