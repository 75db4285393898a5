#include "benchmark/scenario.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace nacre {
namespace {

// Summaries that LoadGen 6.0.17 wrote; see tests/golden/loadgen.
std::string Golden(const std::string& name) {
  std::ifstream file(NACRE_SOURCE_DIR "/tests/golden/loadgen/" + name + ".txt");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

ScenarioResult Read(Scenario scenario, const std::string& name) {
  const auto result = ReadSummary(scenario, Golden(name));
  EXPECT_TRUE(result) << name << ": " << (result ? "" : result.error().message);
  return result ? *result : ScenarioResult{};
}

TEST(ParseScenario, TakesAnyCaseAndNamesTheFour) {
  for (const Scenario scenario :
       {Scenario::kSingleStream, Scenario::kMultiStream, Scenario::kServer, Scenario::kOffline}) {
    EXPECT_EQ(*ParseScenario(ScenarioName(scenario)), scenario);
  }
  EXPECT_EQ(*ParseScenario("singlestream"), Scenario::kSingleStream);
  const auto wrong = ParseScenario("Interactive");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::kUsage);
  EXPECT_NE(wrong.error().message.find("MultiStream"), std::string::npos);
}

TEST(ReadSummary, ReadsWhatLoadGenWrote) {
  struct Case {
    Scenario scenario;
    const char* metric;
    double value;
    bool valid;
  };
  for (const Case& expected :
       {Case{Scenario::kSingleStream, "90.0th percentile latency (ns)", 1062513.0, true},
        Case{Scenario::kMultiStream, "99.0th percentile latency (ns)", 13697293.0, false},
        Case{Scenario::kServer, "Completed samples per second", 57.84, false},
        Case{Scenario::kOffline, "Samples per second", 957.611, true}}) {
    const ScenarioResult result = Read(expected.scenario, ScenarioName(expected.scenario));
    EXPECT_EQ(result.metric, expected.metric);
    EXPECT_DOUBLE_EQ(result.value, expected.value) << result.metric;
    EXPECT_EQ(result.valid, expected.valid) << result.metric;
  }
}

TEST(ReadSummary, NoMetricOrNoVerdictIsAnError) {
  EXPECT_FALSE(ReadSummary(Scenario::kOffline, ""));
  EXPECT_FALSE(ReadSummary(Scenario::kOffline, "Samples per second: 12.5\n"));
  EXPECT_FALSE(ReadSummary(Scenario::kOffline, "Result is : VALID\n"));
  EXPECT_FALSE(ReadSummary(Scenario::kSingleStream, Golden("Offline")));
}

}  // namespace
}  // namespace nacre
