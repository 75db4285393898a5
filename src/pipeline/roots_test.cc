#include "pipeline/roots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/builder.h"
#include "space/rated.h"

namespace nacre {
namespace {

using testing::ElementsAre;

// Three residual blocks, each of which may be left out; kept ones take 30 microseconds of 100.
class RootsTest : public testing::Test {
 protected:
  RootsTest() {
    NetworkBuilder b("net", "image", {kDynamic, 3, 8, 8}, Random(1));
    std::string x = b.ConvBn("image", {.out = 16});
    for (int i = 0; i < 3; ++i) {
      const std::string inner =
          b.BatchNorm(b.Conv(b.ConvBn(x, {.out = 16}), {.out = 16, .bias = false}));
      x = b.Activation(b.Add(inner, x), "Relu");
    }
    const std::string logits = b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10);
    rated_.space = *BuildSpace(std::move(b).Finish(logits, "logits"), {});
    rated_.pricing.original.latency = 100;
    for (size_t i = 0; i < rated_.space.candidates.size(); ++i) {
      RatedCandidate& each = rated_.space.candidates[i];
      each.usage = Usage{IsKeep(each.candidate) ? 30.0 : 1.0, 0, 0};
      if (each.candidate.kind == CandidateKind::kDrop) drops_.push_back(static_cast<int>(i));
    }
    for (int dropped = 0; dropped < 3; ++dropped) solved_.push_back(Without(dropped));
  }

  // The original without so many of its last blocks.
  Point Without(int dropped) const {
    Point point{Original(rated_.space).picks};
    for (size_t k = 0; k < static_cast<size_t>(dropped); ++k) {
      const int drop = drops_[drops_.size() - 1 - k];
      const Candidate& candidate = rated_.space.candidates[static_cast<size_t>(drop)].candidate;
      point.genes[static_cast<size_t>(candidate.first)] = drop;
    }
    return point;
  }

  double PredictedLatency(const Point& point) const {
    return Predicted(rated_.space, rated_.pricing, point.genes).latency;
  }

  void AddFinalist(const Point& point, double cost) {
    TrialRecord trial{.trial = {point, 2}, .outcome = {0.9, cost}};
    trial.final = true;
    history_.trials.push_back(trial);
  }

  std::vector<Point> Roots() const { return RootsOfRound(solved_, rated_, aim_, history_); }

  RatedSpace rated_;
  std::vector<Point> solved_;
  std::vector<int> drops_;
  Aim aim_{.original_cost = 100};
  History history_;
};

TEST_F(RootsTest, AreTheSolversInTheFirstRound) {
  ASSERT_GE(drops_.size(), 2u);
  EXPECT_EQ(Roots(), solved_);
  history_.trials.push_back({.trial = {Without(1), 0}, .outcome = {0.9, 1}});
  EXPECT_EQ(Roots(), solved_);
}

TEST_F(RootsTest, ThenAreTheFinalistsAndWhatIsCheaper) {
  const double one = PredictedLatency(Without(1)), two = PredictedLatency(Without(2));
  ASSERT_LT(two, one);
  Point other = Without(1);
  other.moves = {"stem"};
  AddFinalist(other, (one + two) / 2);
  AddFinalist(other, two / 2);  // trained on
  EXPECT_THAT(Roots(), ElementsAre(other, Without(2)));
}

TEST_F(RootsTest, WhatMissesTheLimitIsNoReasonToLookForFaster) {
  const double one = PredictedLatency(Without(1)), two = PredictedLatency(Without(2));
  aim_.limit = 0.91;
  Point missed = Without(2), met = Without(0);
  missed.moves = met.moves = {"stem"};
  AddFinalist(missed, (one + two) / 2);
  EXPECT_THAT(Roots(), ElementsAre(missed, Without(0), Without(1)));
  AddFinalist(met, (100 + one) / 2);
  history_.trials.back().outcome.accuracy = 0.92;
  EXPECT_THAT(Roots(), ElementsAre(missed, met, Without(1)));
}

TEST_F(RootsTest, WhereTheLimitIsFarTheyAreWhatCanAttainIt) {
  aim_.limit = 0.91;
  Point missed = Without(2);
  missed.moves = {"stem"};
  AddFinalist(missed, 5);
  EXPECT_THAT(Roots(), ElementsAre(missed));  // nothing costs up to twice as much
  history_.forecast = Forecast({.accuracy = 0.92}, LearningCurve(0.92, 0.1));
  ASSERT_GT(2 * 100 / history_.forecast.Fastest(0.91), PredictedLatency(Without(1)));
  EXPECT_THAT(Roots(), testing::IsSupersetOf({missed, Without(1), Without(2)}));
}

}  // namespace
}  // namespace nacre
