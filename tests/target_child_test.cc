// Measuring in a child that crashes, hangs and swells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/builder.h"
#include "target/measure.h"

namespace nacre {
namespace {

using ::testing::HasSubstr;

Network Plain(int layers, const std::string& fault = "") {
  NetworkBuilder b("plain", "x", {1, 3, 32, 32}, Random(1));
  std::string x = "x";
  for (int i = 0; i < layers; ++i) x = b.Activation(b.Conv(x, {.out = 32}), "Relu");
  Network network = std::move(b).Finish(x, "y");
  if (!fault.empty()) network.metadata["test.fault"] = fault;
  return network;
}

ChildLimits Limits(double seconds = 60) {
  return {.timeout = Seconds(seconds), .program = MEASURE_CHILD, .arguments = {}};
}

const MeasureOptions kQuick{.warm_up = Seconds(0.01), .rounds = 7, .slice = Seconds(0.01)};

void ExpectMeasured(const Expected<ChildMeasurement>& result) {
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_GT(result->measurement.median.count(), 0);
  EXPECT_GE(result->measurement.samples, kQuick.rounds);
}

TEST(MeasureInChild, MeasuresInOrder) {
  const std::vector<MeasureJob> jobs = {{Plain(1, "slow")}, {Plain(1)}, {Plain(1, "slow")}};
  const auto results = MeasureInChild(jobs, kQuick, Limits());
  ASSERT_EQ(results.size(), 3u);
  for (const auto& result : results) ExpectMeasured(result);
  EXPECT_EQ(results[0]->over_first.median, 1);
  EXPECT_GT(results[1]->over_first.median, 5);  // of 5 ms over the microseconds of a convolution
  EXPECT_LT(results[2]->over_first.median, 5);
}

TEST(MeasureInChild, OfNothingIsNothing) {
  EXPECT_TRUE(MeasureInChild({}, kQuick, Limits()).empty());
}

TEST(MeasureInChild, ACrashIsAnErrorInItsPlace) {
  const std::vector<MeasureJob> jobs = {
      {Plain(2)}, {Plain(2, "abort")}, {Plain(1)}, {Plain(2, "late")}};
  const auto results = MeasureInChild(jobs, kQuick, Limits());
  ExpectMeasured(results[0]);
  ExpectMeasured(results[2]);
  for (const int i : {1, 3}) {
    ASSERT_FALSE(results[i]) << i;
    EXPECT_EQ(results[i].error().kind, ErrorKind::kTarget);
    EXPECT_THAT(results[i].error().message, HasSubstr("signal 6"));
  }
  EXPECT_GT(results[2]->over_first.median, 0);
}

TEST(MeasureInChild, WithoutTheFirstThereIsNoRatio) {
  const std::vector<MeasureJob> jobs = {{Plain(1, "abort")}, {Plain(1)}};
  const auto results = MeasureInChild(jobs, kQuick, Limits());
  EXPECT_FALSE(results[0]);
  ExpectMeasured(results[1]);
  EXPECT_EQ(results[1]->over_first.median, 0);
}

TEST(MeasureInChild, AHangTimesOut) {
  const std::vector<MeasureJob> jobs = {{Plain(1)}, {Plain(1, "hang")}};
  const auto results = MeasureInChild(jobs, kQuick, Limits(10));
  ExpectMeasured(results[0]);
  ASSERT_FALSE(results[1]);
  EXPECT_THAT(results[1].error().message, HasSubstr("timed out"));
}

TEST(MeasureInChild, MemoryIsBlamedOnTheOneThatAteIt) {
  const std::vector<MeasureJob> jobs = {{Plain(1)}, {Plain(2)}, {Plain(1, "eat")}, {Plain(1)}};
  ChildLimits limits = Limits();
  limits.memory = Bytes{int64_t{1} << 30};
  const auto results = MeasureInChild(jobs, kQuick, limits);
  for (const int i : {0, 1, 3}) ExpectMeasured(results[i]);
  ASSERT_FALSE(results[2]);
  EXPECT_THAT(results[2].error().message, HasSubstr("memory"));
}

TEST(MeasureInChild, WhatDoesNotCompileIsAnErrorAndCostsNoSecondChild) {
  Network broken = Plain(1);
  broken.nodes[0].op = "NoSuchOperation";
  const std::vector<MeasureJob> jobs = {{Plain(1)}, {broken}};
  const auto results = MeasureInChild(jobs, kQuick, Limits());
  ExpectMeasured(results[0]);
  ASSERT_FALSE(results[1]);
  EXPECT_THAT(results[1].error().message, HasSubstr("NoSuchOperation"));
}

TEST(MeasureInChild, AMissingProgramFailsAll) {
  ChildLimits limits = Limits();
  limits.program = "/no/such/program";
  const std::vector<MeasureJob> jobs = {{Plain(1)}, {Plain(1)}};
  for (const auto& result : MeasureInChild(jobs, kQuick, limits)) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kTarget);
  }
}

}  // namespace
}  // namespace nacre
