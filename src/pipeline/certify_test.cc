#include "pipeline/certify.h"

#include <gtest/gtest.h>

#include "pipeline/sort_front.h"
#include "testing/example_report.h"

namespace nacre {
namespace {

FrontEntry Entry(const std::string& id, double ms, double high) {
  FrontEntry entry{.id = id, .architecture = id, .int8 = ExampleFigures(0.9, ms, 1024)};
  entry.drop = Drop{.value = high - 0.004, .low = high - 0.008, .high = high};
  return entry;
}

TEST(Certify, BoundsWithinTheLimitAreCertified) {
  std::vector<FrontEntry> front = {Entry("fast", 1, 0.0099), Entry("safe", 2, 0.001)};
  Certify({}, front);
  EXPECT_TRUE(front[0].certified);
  EXPECT_TRUE(front[1].certified);
}

TEST(Certify, SequenceEndsAtTheFirstThatFails) {
  // The boldest one's own bound would do, but a safer one has failed before it.
  std::vector<FrontEntry> front = {Entry("bold", 1, 0.005), Entry("middle", 2, 0.011),
                                   Entry("safe", 3, 0.005)};
  Certify({}, front);
  EXPECT_FALSE(front[0].certified);
  EXPECT_FALSE(front[1].certified);
  EXPECT_TRUE(front[2].certified);
}

TEST(Certify, UnknownLossIsNotCertified) {
  std::vector<FrontEntry> front = {Entry("fast", 1, 0.001), Entry("unknown", 2, 0)};
  front[1].drop.reset();
  Certify({}, front);
  EXPECT_FALSE(front[0].certified);
  EXPECT_FALSE(front[1].certified);
}

TEST(Certify, VerdictDecidesWhatMeetsTheLimit) {
  std::vector<FrontEntry> front = {Entry("bold", 1, 0.02), Entry("safe", 2, 0.001)};
  RunConfig config;
  Certify(config, front);
  SortFront(config, 0.85, front);
  EXPECT_TRUE(front[0].meets_limit);
  EXPECT_EQ(front[0].id, "bold");
  config.verdict = Verdict::kCertified;
  SortFront(config, 0.85, front);
  EXPECT_EQ(front[0].id, "safe");
  EXPECT_TRUE(front[0].meets_limit);
  EXPECT_FALSE(front[1].meets_limit);
  EXPECT_TRUE(front[1].misses_certificate);
}

}  // namespace
}  // namespace nacre
