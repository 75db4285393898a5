#include "base/nearest.h"

#include <gtest/gtest.h>

namespace nacre {
namespace {

TEST(Nearest, CountsChanges) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("abc", ""), 3u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
}

TEST(Nearest, IsTheOneWithFewest) {
  EXPECT_EQ(Nearest("bugdet", {"seed", "budget", "workers"}), "budget");
  EXPECT_EQ(Nearest("x", {"only"}), "only");
}

}  // namespace
}  // namespace nacre
