#include "cost/objective.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nacre {
namespace {

using ::testing::HasSubstr;

TEST(Objective, EachMinimisesItsFigure) {
  const Usage usage{1, 2, 3};
  EXPECT_EQ(Of(Objective::kLatency, usage), 1);
  EXPECT_EQ(Of(Objective::kThroughput, usage), 1);
  EXPECT_EQ(Of(Objective::kSize, usage), 2);
  EXPECT_EQ(Of(Objective::kMemory, usage), 3);
}

TEST(Objective, IsATimeOrCountsBytes) {
  EXPECT_TRUE(MinimisesTime(Objective::kLatency));
  EXPECT_TRUE(MinimisesTime(Objective::kThroughput));
  EXPECT_FALSE(MinimisesTime(Objective::kSize));
  EXPECT_FALSE(MinimisesTime(Objective::kMemory));
}

TEST(Objective, IsReadByItsName) {
  for (const char* name : {"latency", "throughput", "size", "memory"}) {
    const auto objective = ParseObjective(name);
    ASSERT_TRUE(objective) << name;
    EXPECT_EQ(Name(*objective), name);
  }
  EXPECT_EQ(ParseObjective("size").value(), Objective::kSize);
  for (const char* name : {"", "Latency", "speed", "sizes"}) {
    const auto objective = ParseObjective(name);
    ASSERT_FALSE(objective) << name;
    EXPECT_EQ(objective.error().kind, ErrorKind::kUsage);
    EXPECT_THAT(objective.error().message, HasSubstr("latency, throughput, size or memory"));
  }
}

}  // namespace
}  // namespace nacre
