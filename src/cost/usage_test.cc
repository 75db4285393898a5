#include "cost/usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/builder.h"

namespace nacre {
namespace {

using ::testing::HasSubstr;

Network Plain() {
  NetworkBuilder b("plain", "x", {kDynamic, 8, 4, 4}, Random(1));
  const std::string y = b.Conv("x", {.out = 64});
  return std::move(b).Finish(y, "y");
}

constexpr double kWeights = 64 * 8 * 9 + 64, kActivations = (8 + 64) * 16;

TEST(Usage, FollowsPrecisionAndBatch) {
  const Usage fp32 = UsageOf(Plain(), {.precision = Precision::kFp32}).value();
  EXPECT_DOUBLE_EQ(fp32.memory, 4 * (kWeights + kActivations));
  const Usage int8 = UsageOf(Plain(), {.precision = Precision::kInt8, .batch = 4}).value();
  EXPECT_DOUBLE_EQ(int8.memory, kWeights + 4 * kActivations);
  EXPECT_GT(fp32.size, 4 * kWeights);
  EXPECT_GT(int8.size, kWeights);
  EXPECT_LT(int8.size, 0.5 * fp32.size);
  EXPECT_DOUBLE_EQ(WeightBytes(Plain(), {.precision = Precision::kBf16}).value(), 2 * kWeights);
}

TEST(Usage, TheBoundThatIsBrokenIsNamed) {
  const Usage usage{800, 2048, 4096};
  EXPECT_EQ(BrokenBound({}, usage, 1), "");
  EXPECT_FALSE(Bounds{}.any());
  EXPECT_EQ(
      BrokenBound({.latency = 800, .throughput = 1250, .size = 2048, .memory = 4096}, usage, 1),
      "");
  EXPECT_THAT(BrokenBound({.latency = 799}, usage, 1), HasSubstr("0.8 ms"));
  EXPECT_THAT(BrokenBound({.throughput = 2500}, usage, 1), HasSubstr("more than 0.4 ms"));
  EXPECT_EQ(BrokenBound({.throughput = 2500}, usage, 2), "");
  EXPECT_THAT(BrokenBound({.size = 1024}, usage, 1), HasSubstr("2.0 KiB large"));
  EXPECT_THAT(BrokenBound({.memory = 1024}, usage, 1), HasSubstr("4.0 KiB of memory"));
}

}  // namespace
}  // namespace nacre
