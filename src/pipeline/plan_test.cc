#include "pipeline/plan.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "graph/builder.h"
#include "onnx/onnx.h"

namespace nacre {
namespace {

class PlanTest : public testing::Test {
 protected:
  PlanTest() {
    folder_ = std::filesystem::temp_directory_path() / ("nacre-plan-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    setenv("NACRE_CACHE", (folder_ / "cache").c_str(), 1);  // no latency table is there
    NetworkBuilder b("net", "image", {kDynamic, 3, 8, 8}, Random(1));
    std::string x = b.ConvBn("image", {.out = 16});
    for (int i = 0; i < 3; ++i) {
      const std::string inner =
          b.BatchNorm(b.Conv(b.ConvBn(x, {.out = 16}), {.out = 16, .bias = false}));
      x = b.Activation(b.Add(inner, x), "Relu");
    }
    const std::string logits = b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10);
    config_.model = folder_ / "model.onnx";
    EXPECT_TRUE(WriteOnnx(std::move(b).Finish(logits, "logits"), config_.model));
  }
  ~PlanTest() override { std::filesystem::remove_all(folder_); }

  // Estimated seconds by stage.
  std::map<std::string, double> Planned(Seconds budget) {
    config_.budget = budget;
    const auto jobs = PlanAutonac(config_);
    EXPECT_TRUE(jobs) << jobs.error().message;
    std::map<std::string, double> seconds;
    for (const PlannedJobs& each : jobs.value_or(std::vector<PlannedJobs>())) {
      EXPECT_LE(each.least, each.most) << each.kind;
      EXPECT_GE(each.estimated.count(), 0) << each.kind;
      seconds[each.stage] += each.estimated.count();
    }
    return seconds;
  }

  std::filesystem::path folder_;
  RunConfig config_;
};

TEST_F(PlanTest, HasEveryStageAndSpendsAboutTheBudget) {
  for (const double minutes : {10.0, 120.0}) {
    const auto seconds = Planned(Seconds(60 * minutes));
    double total = 0;
    for (const auto& [stage, each] : seconds) total += each;
    for (const char* stage : {"ingest", "baselines", "space", "distill", "score", "teacher", "tree",
                              "final", "quantize", "accept"}) {
      EXPECT_EQ(seconds.count(stage), 1u) << stage;
    }
    EXPECT_NEAR(total, 60 * minutes, 0.1 * 60 * minutes);
  }
}

TEST_F(PlanTest, ALargerBudgetGoesIntoTraining) {
  const auto small = Planned(Seconds(600)), large = Planned(Seconds(7200));
  EXPECT_GT(large.at("final"), 5 * small.at("final"));
  EXPECT_DOUBLE_EQ(large.at("space"), small.at("space"));
}

TEST_F(PlanTest, AModelThatCannotBeReadIsRefused) {
  config_.model = folder_ / "none.onnx";
  const auto jobs = PlanAutonac(config_);
  ASSERT_FALSE(jobs);
  EXPECT_EQ(jobs.error().kind, ErrorKind::kModel);
}

}  // namespace
}  // namespace nacre
