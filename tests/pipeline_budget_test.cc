// What a run does when its budget is too small: stages that end in time, and results all the same.
#include <gmock/gmock.h>

#include "engine/shares.h"
#include "pipeline/original_result.h"
#include "pipeline/reserve.h"
#include "pipeline/stage_time.h"
#include "pipeline/train_finalists.h"
#include "tests/pipeline_trials.h"

namespace nacre {
namespace {

class BudgetTest : public TrialsTest {
 protected:
  BudgetTest() : TrialsTest({}, Seconds(100)) {}

  // Pieces of ten seconds each.
  size_t Do(const std::string& name, size_t all, Seconds end, size_t least = 1) {
    pieces_.clear();
    const auto done = DoInTime(*run_, {.name = name, .all = all, .least = least, .end = end},
                               [&](size_t piece) -> Expected<void> {
                                 pieces_.push_back(piece);
                                 clock_.Advance(Seconds(10));
                                 return {};
                               });
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_EQ(pieces_.size(), done.value_or(0));
    return done.value_or(0);
  }

  std::vector<size_t> pieces_;
};

TEST_F(BudgetTest, AStageDoesWhatFitsIntoItsTime) {
  EXPECT_EQ(Do("all", 3, clock_.Now() + Seconds(1000)), 3u);
  EXPECT_EQ(Do("some", 9, clock_.Now() + Seconds(30)), 3u);
  // The fourth would end fifteen seconds late, which is more than half of it.
  EXPECT_EQ(Do("none half done", 9, clock_.Now() + Seconds(34)), 3u);
  EXPECT_EQ(Do("late", 9, clock_.Now() - Seconds(1), 2), 2u);
}

TEST_F(BudgetTest, AResumedRunDoesTheSamePieces) {
  const Seconds end = clock_.Now() + Seconds(30);
  EXPECT_EQ(Do("table", 9, end), 3u);
  clock_.Advance(Seconds(1000));
  EXPECT_EQ(Do("table", 9, end), 3u);
}

TEST_F(BudgetTest, AnErrorOfAPieceEndsTheStageUndecided) {
  const auto failed =
      DoInTime(*run_, {.name = "broken", .all = 2, .end = Seconds(1e9)},
               [](size_t) -> Expected<void> { return Fail(ErrorKind::kTarget, "it broke"); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "it broke");
  EXPECT_EQ(Do("broken", 2, Seconds(1e9)), 2u) << "it is tried again";
}

TEST_F(BudgetTest, ALateRunShortensWhatIsToCome) {
  EXPECT_EQ(*ShareLeft(*run_, "in time"), 1);
  clock_.Advance(Seconds(60));
  const double left = 100 * shares::kTraining - 60;
  const double planned = 100 * (shares::kTraining - shares::kPriced);
  EXPECT_NEAR(*ShareLeft(*run_, "late"), left / planned, 1e-3);
  EXPECT_EQ(*ShareLeft(*run_, "in time"), 1) << "it was decided";
  clock_.Advance(Seconds(600));
  EXPECT_NEAR(*ShareLeft(*run_, "over"), shares::kLeastShareLeft, 1e-3);
}

TEST_F(BudgetTest, WithoutTimeToTrainNoSearchBegins) {
  in_.original_hash = "a";
  EXPECT_TRUE(*IsTimeToSearch(*run_, in_, Seconds(20)));
  in_.original_hash = "b";
  EXPECT_FALSE(*IsTimeToSearch(*run_, in_, Seconds(70)));
  clock_.Advance(Seconds(90));
  in_.original_hash = "a";
  EXPECT_TRUE(*IsTimeToSearch(*run_, in_, Seconds(20))) << "it was decided";
}

TEST_F(BudgetTest, Int8IsExpectedToTakeTwiceAsLongAsTheOriginals) {
  EXPECT_EQ(*SecondsOfInt8(*run_), Seconds(0));
  ASSERT_TRUE(store_->Put({.key = "q", .kind = "quantize", .result = "{}", .seconds = 12}));
  EXPECT_EQ(*SecondsOfInt8(*run_), Seconds(24));
  EXPECT_FALSE(*IsTimeForInt8Loss(*run_)) << "24 of 100 seconds are too many";
  Baselines baselines;
  baselines.fp32_latency = Latency(2000);
  baselines.int8_latency = Latency(1000);
  ASSERT_TRUE(store_->Put({.key = "l", .kind = "latency", .result = "{}", .seconds = 1.5}));
  // Two finalists' INT8, and three networks timed; there are no test images here.
  EXPECT_EQ(*SecondsToFinish(*run_, in_, baselines, 2), Seconds(2 * 24 + 3 * 3));
}

TEST_F(BudgetTest, TheOriginalIsAResult) {
  in_.original = rated_.space.network;
  in_.accuracy.value = 0.75;
  Baselines baselines;
  baselines.int8 = "int8 of the original";
  const auto original = OriginalResult(*run_, in_, baselines, rated_);
  ASSERT_TRUE(original) << original.error().message;
  EXPECT_EQ(original->finalist.id, kOriginalId);
  EXPECT_EQ(original->int8, baselines.int8);
  EXPECT_EQ(original->finalist.picks, original_.picks);
  EXPECT_EQ(original->finalist.accuracy, 0.75);
  EXPECT_TRUE(materials_->GetNetwork(original->finalist.network));
}

TEST_F(BudgetTest, ATargetOfFloatsNeedsNoOtherInt8) {
  run_ = nullptr;
  RunConfig config;
  config.target.precision = Precision::kFp32;
  RunServices floats{.config = config,
                     .budgets = {Seconds(100)},
                     .machine = {},
                     .compute = {.threads = 1},
                     .budget = Budget(clock_, Seconds(100), Seconds(0)),
                     .store = *store_,
                     .materials = *materials_,
                     .jobs = *jobs_,
                     .compiler = *compiler_,
                     .progress = *progress_};
  const QuantizedFinalist original{.finalist = {.id = kOriginalId}, .int8 = "as it was"};
  const auto int8 = GuardedInt8(floats, in_, original);
  ASSERT_TRUE(int8) << int8.error().message;
  EXPECT_EQ(*int8, "as it was");
}

TEST_F(BudgetTest, WithoutTimeForAFinalTrainingTheBestTrialIsTheResult) {
  const Network network = rated_.space.network;
  TrialRecord worse = Try(original_, network, 1), better = Try(other_, network, 1);
  worse.outcome.accuracy = 0.5;
  better.outcome.accuracy = 0.6;
  for (TrialRecord* trial : {&worse, &better}) trial->outcome.cost = 50;
  history_.trials = {worse, better};
  clock_.Advance(Seconds(99));
  const Aim aim{.original_cost = 100, .limit = 0.5, .macs_per_second = 1e6, .images = 512};
  const Baselines baselines;
  const std::vector<Point> roots;
  const SearchInputs inputs{in_, baselines, rated_, roots, aim};
  const RoundScope scope{{.begin = Seconds(0), .end = Seconds(95)},
                         run_->budget.Part(Seconds(0), Seconds(95)),
                         Seconds(100)};
  const auto trained = TrainFinalists(*run_, inputs, scope, {}, history_);
  ASSERT_TRUE(trained) << trained.error().message;
  ASSERT_EQ(history_.finalists.size(), 1u);
  EXPECT_EQ(history_.finalists[0].picks, other_.picks);
  EXPECT_EQ(history_.finalists[0].accuracy, 0.6);
  EXPECT_THAT(history_.notes.back(), testing::HasSubstr("too small for a final training"));
}

}  // namespace
}  // namespace nacre
