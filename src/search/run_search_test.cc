#include "search/run_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "testing/fake_strategy.h"

namespace nacre {
namespace {

using testing::ElementsAre;

Trial At(int gene) { return {.point = {.genes = {gene}}}; }

// Cost is the gene; gene 13 fails, gene 99 ends the search.
class FakeEvaluator : public Evaluator {
 public:
  std::vector<Expected<Outcome>> Evaluate(std::span<const Trial> trials) override {
    batches.emplace_back();
    std::vector<Expected<Outcome>> outcomes;
    for (const Trial& trial : trials) {
      batches.back().push_back(trial.point.Key());
      outcomes.push_back(Of(trial.point.genes[0]));
    }
    if (loses_one && !outcomes.empty()) outcomes.pop_back();
    return outcomes;
  }

  std::vector<std::vector<std::string>> batches;
  bool loses_one = false;

 private:
  static Expected<Outcome> Of(int gene) {
    if (gene == 99) return Fail(ErrorKind::kInterrupted, "interrupted");
    if (gene == 13) return Outcome{.error = "diverged"};
    return Outcome{.accuracy = 0.9, .cost = static_cast<double>(gene)};
  }
};

std::vector<std::string> Told(const FakeStrategy& strategy) {
  std::vector<std::string> keys;
  for (const auto& [key, outcome] : strategy.told()) keys.push_back(key);
  return keys;
}

TEST(RunSearch, TellsEveryOutcomeInOrderUntilNothingIsAskedFor) {
  FakeStrategy strategy({{At(1), At(2), At(3)}, {At(4)}});
  FakeEvaluator evaluator;
  ASSERT_TRUE(RunSearch(strategy, evaluator, 1));
  EXPECT_THAT(Told(strategy), ElementsAre("1", "2", "3", "4"));
  EXPECT_EQ(strategy.told()[2].second.cost, 3);
  EXPECT_THAT(evaluator.batches,
              ElementsAre(ElementsAre("1"), ElementsAre("2"), ElementsAre("3"), ElementsAre("4")));
  EXPECT_THAT(strategy.asked(), ElementsAre(1u, 1u, 1u, 1u, 1u));
}

TEST(RunSearch, EvaluatesSideBySideWhatMayBe) {
  FakeStrategy strategy({{At(1), At(2), At(3)}, {At(4)}});
  FakeEvaluator evaluator;
  ASSERT_TRUE(RunSearch(strategy, evaluator, 2));
  EXPECT_THAT(evaluator.batches,
              ElementsAre(ElementsAre("1", "2"), ElementsAre("3"), ElementsAre("4")));
  EXPECT_THAT(Told(strategy), ElementsAre("1", "2", "3", "4"));
}

TEST(RunSearch, AFailedTrialIsToldAndTheSearchGoesOn) {
  FakeStrategy strategy({{At(1), At(13), At(2)}});
  FakeEvaluator evaluator;
  ASSERT_TRUE(RunSearch(strategy, evaluator, 2));
  EXPECT_THAT(Told(strategy), ElementsAre("1", "13", "2"));
  EXPECT_EQ(strategy.told()[1].second.error, "diverged");
}

TEST(RunSearch, AnErrorEndsTheSearch) {
  FakeStrategy strategy({{At(1), At(99), At(2), At(3)}});
  FakeEvaluator evaluator;
  const auto run = RunSearch(strategy, evaluator, 3);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::kInterrupted);
  EXPECT_THAT(Told(strategy), ElementsAre("1"));
  EXPECT_EQ(evaluator.batches.size(), 1u);
}

TEST(RunSearch, NothingToTryIsNoError) {
  FakeStrategy strategy({});
  FakeEvaluator evaluator;
  EXPECT_TRUE(RunSearch(strategy, evaluator, 4));
  EXPECT_TRUE(evaluator.batches.empty());
}

TEST(RunSearch, BrokenContractsThrow) {
  FakeStrategy strategy({{At(1), At(2)}});
  FakeEvaluator evaluator;
  EXPECT_THROW((void)RunSearch(strategy, evaluator, 0), std::logic_error);
  evaluator.loses_one = true;
  EXPECT_THROW((void)RunSearch(strategy, evaluator, 2), std::logic_error);
}

}  // namespace
}  // namespace nacre
