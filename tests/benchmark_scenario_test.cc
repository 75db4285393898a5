// The real LoadGen against networks that sleep for a known time, which it must report. A busy
// machine makes a sleep longer, never shorter: so bounds from below are near that time, and bounds
// from above are far from it.
#include "benchmark/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <thread>

#include "benchmark/throughput.h"
#include "graph/builder.h"

namespace nacre {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr double kInference = 0.004;  // seconds

std::atomic<int64_t> largest_batch = 0;

class Sleeping : public CompiledNetwork {
 public:
  explicit Sleeping(int64_t fail_after) : fail_after_(fail_after) {}
  Expected<std::vector<Tensor>> Run(std::span<const Tensor> inputs) override {
    if (fail_after_ >= 0 && runs_ >= fail_after_)
      return Fail(ErrorKind::kTarget, "the device has gone");
    RunOnce();
    largest_batch = std::max<int64_t>(largest_batch, inputs[0].shape()[0]);
    return std::vector<Tensor>(inputs.begin(), inputs.end());
  }
  void RunOnce() override {
    std::this_thread::sleep_for(std::chrono::duration<double>(kInference));
    ++runs_;
  }

 private:
  int64_t runs_ = 0, fail_after_;
};

class SleepingCompiler : public Compiler {
 public:
  Expected<std::unique_ptr<CompiledNetwork>> Compile(const Network&,
                                                     const CompileOptions&) override {
    return std::make_unique<Sleeping>(fail_after);
  }
  Expected<void> Export(const Network&, const std::string&) override { return {}; }
  int64_t fail_after = -1;
};

Network Plain() {
  NetworkBuilder b("plain", "x", {1, 3, 4, 4}, Random(1));
  const std::string y = b.Conv("x", {.out = 8});
  return std::move(b).Finish(y, "y");
}

std::string Text(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// In seconds; a stall does not reach it.
double LeastLatency(const ScenarioResult& result) {
  std::smatch found;
  EXPECT_TRUE(
      std::regex_search(result.summary, found, std::regex("Min latency \\(ns\\) *: (\\d+)")))
      << result.summary;
  return std::stod(found[1]) / 1e9;
}

class ScenarioTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("nacre-scenario-" + std::to_string(getpid()));
    fs::remove_all(folder_);
    largest_batch = 0;
  }
  void TearDown() override { fs::remove_all(folder_); }

  ScenarioOptions Options(Scenario scenario) const {
    return {.scenario = scenario, .duration = Seconds(1), .logs = folder_ / ScenarioName(scenario)};
  }
  ScenarioResult Run(const ScenarioOptions& options) {
    auto result = RunScenario(compiler_, Plain(), options);
    EXPECT_TRUE(result) << result.error().message;
    return result ? *result : ScenarioResult{};
  }

  fs::path folder_;
  SleepingCompiler compiler_;
};

TEST_F(ScenarioTest, SingleStreamReportsTheLatency) {
  const ScenarioResult result = Run(Options(Scenario::kSingleStream));
  EXPECT_EQ(result.metric, "90.0th percentile latency (ns)");
  EXPECT_GE(result.value, 1e9 * kInference);
  EXPECT_LT(LeastLatency(result), 5 * kInference);
  EXPECT_EQ(largest_batch, 1);
  EXPECT_TRUE(result.valid);
  EXPECT_FALSE(result.mlperf_length);
  EXPECT_EQ(result.summary, Text(folder_ / "SingleStream/mlperf_log_summary.txt"));
  EXPECT_THAT(Text(folder_ / "SingleStream/mlperf_log_detail.txt"), HasSubstr("PerformanceOnly"));
}

TEST_F(ScenarioTest, MultiStreamTakesEightAtOnce) {
  const ScenarioResult result = Run(Options(Scenario::kMultiStream));
  EXPECT_GE(LeastLatency(result), 8 * kInference);
  ScenarioOptions options = Options(Scenario::kMultiStream);
  options.compile.batch = 8;
  const ScenarioResult batched = Run(options);
  EXPECT_GE(batched.value, 1e9 * kInference);
  EXPECT_LT(LeastLatency(batched), 8 * kInference);
  EXPECT_EQ(largest_batch, 8);
}

TEST_F(ScenarioTest, OfflineAddsStreamsAndBatches) {
  ScenarioOptions options = Options(Scenario::kOffline);
  options.streams = 2;
  options.compile.batch = 4;
  const ScenarioResult result = Run(options);
  EXPECT_EQ(result.metric, "Samples per second");
  EXPECT_LE(result.value, 8 / kInference);
  EXPECT_GT(result.value, 1 / kInference);
  EXPECT_EQ(largest_batch, 4);
  EXPECT_TRUE(result.valid);
}

TEST_F(ScenarioTest, ServerIsValidBelowItsCapacityOnly) {
  ScenarioOptions options = Options(Scenario::kServer);
  options.streams = 4;
  options.duration = Seconds(3);  // LoadGen judges no 99th percentile by less than 662 queries
  options.server_bound = Latency(1e6 * 500 * kInference);  // no stall of a busy machine is as long
  options.server_rate = 1.2 / kInference;
  const ScenarioResult calm = Run(options);
  EXPECT_NEAR(calm.rate, 1.2 / kInference, 1e-9);
  EXPECT_TRUE(calm.valid) << calm.summary;
  options.server_rate = 12 / kInference;
  EXPECT_FALSE(Run(options).valid);
}

TEST_F(ScenarioTest, AFailureEndsTheRunWithItsReason) {
  compiler_.fail_after = 3;
  for (const Scenario scenario : {Scenario::kSingleStream, Scenario::kOffline}) {
    ScenarioOptions options = Options(scenario);
    const auto result = RunScenario(compiler_, Plain(), options);
    ASSERT_FALSE(result) << ScenarioName(scenario);
    EXPECT_EQ(result.error().kind, ErrorKind::kTarget);
    EXPECT_THAT(result.error().message, HasSubstr("the device has gone"));
  }
}

TEST_F(ScenarioTest, LogsThatCannotBeWrittenAreNamed) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "file") << "in the way";
  ScenarioOptions options = Options(Scenario::kSingleStream);
  options.logs = folder_ / "file/logs";
  const auto result = RunScenario(compiler_, Plain(), options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kUsage);
  EXPECT_THAT(result.error().message, HasSubstr("file/logs"));
}

TEST_F(ScenarioTest, ThroughputIsCountedOverAllStreams) {
  const std::vector<ThroughputJob> jobs = {
      {.network = Plain(), .streams = 1},
      {.network = Plain(), .compile = {.batch = 4}, .streams = 2}};
  const auto results = MeasureThroughput(compiler_, jobs, {.rounds = 7, .slice = Seconds(0.05)});
  ASSERT_TRUE(results) << results.error().message;
  EXPECT_LE(results->at(0).median, 1 / kInference);
  EXPECT_GT(results->at(0).median, 0);
  EXPECT_EQ(results->at(0).over_first.median, 1);
  EXPECT_LE(results->at(1).median, 8 / kInference);
  EXPECT_GT(results->at(1).over_first.median, 2);
}

}  // namespace
}  // namespace nacre
