#include "pipeline/method.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "testing/fake_compiler.h"
#include "testing/fake_method.h"

namespace nacre {
namespace {

using testing::HasSubstr;

TEST(FindMethod, FindsWhatIsInTheListAndNamesIt) {
  ASSERT_TRUE(FindMethod("autonac"));
  EXPECT_EQ((*FindMethod("autonac"))->name, "autonac");
  EXPECT_EQ((*FindMethod("bootstrap"))->name, "bootstrap");
  const auto unknown = FindMethod("magic");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::kUsage);
  EXPECT_THAT(unknown.error().message, HasSubstr("give one of autonac, bootstrap"));
}

TEST(Methods, EachCanRunAndPlan) {
  for (const Method& method : Methods()) {
    EXPECT_NE(method.run, nullptr) << method.name;
    EXPECT_NE(method.plan, nullptr) << method.name;
    EXPECT_FALSE(method.summary.empty()) << method.name;
  }
}

// What `search.method` names is what runs.
TEST(RunMethod, RunsTheOneThatTheConfigurationNames) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("nacre-method-" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  const auto store = nacre::Run::Open(folder, nacre::Run::Mode::kFresh).value();
  Materials materials(*store);
  const Budget budget(SteadyClock(), Seconds(100), Seconds(0));
  JobRunner jobs({.store = store.get(), .budget = budget});
  const auto progress = MakeSilentProgress();
  FakeClock clock;
  FakeCompiler compiler(clock, [](const Network&, const CompileOptions&) { return Latency(1); });
  RunConfig config;
  config.model = "some/model.onnx";
  config.method = "fake";
  RunServices run{.config = config,
                  .budgets = {Seconds(100)},
                  .machine = {},
                  .compute = {},
                  .budget = budget,
                  .store = *store,
                  .materials = materials,
                  .jobs = jobs,
                  .compiler = compiler,
                  .progress = *progress};
  const Method methods[] = {FakeMethod()};
  const auto report = RunMethod(run, methods);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->title, "model.onnx");
  EXPECT_EQ(report->front.at(0).id, "original");
  EXPECT_FALSE(RunMethod(run, {})) << "the list is empty";
  std::ifstream file(folder / "numbers.json");
  const auto numbers = nlohmann::json::parse(file);
  EXPECT_GT(numbers["priors"].size(), 20u);
  EXPECT_GT(numbers["shares"].size(), 20u);
  for (const auto* list : {"priors", "shares"}) {
    for (const auto& number : numbers[list]) EXPECT_FALSE(number["source"].empty()) << number;
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace nacre
