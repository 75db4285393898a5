#include "pipeline/roots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/builder.h"

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
    context_.space = *BuildSpace(std::move(b).Finish(logits, "logits"), {});
    context_.original_usage.latency = 100;
    context_.table.scale = 1;
    for (const Candidate& candidate : context_.space.candidates) {
      context_.usages.push_back({candidate.kind == "keep" ? 30.0 : 1.0, 0, 0});
      if (candidate.kind == "drop")
        drops_.push_back(static_cast<int>(&candidate - context_.space.candidates.data()));
    }
    for (int dropped = 0; dropped < 3; ++dropped) context_.roots.push_back(Without(dropped));
  }

  // The original without so many of its last blocks.
  Point Without(int dropped) const {
    Point point{Original(context_.space).picks};
    for (int k = 0; k < dropped; ++k) {
      const int drop = drops_[drops_.size() - 1 - static_cast<size_t>(k)];
      point.genes[static_cast<size_t>(context_.space.candidates[drop].first)] = drop;
    }
    return point;
  }

  void AddFinalist(const Point& point, double cost) {
    Tried tried{.trial = {point, 2}, .outcome = {0.9, cost}};
    tried.final = true;
    context_.tried.push_back(tried);
  }

  Context context_;
  std::vector<int> drops_;
};

TEST_F(RootsTest, AreTheSolversInTheFirstRound) {
  ASSERT_GE(drops_.size(), 2u);
  EXPECT_EQ(RootsOfRound(context_), context_.roots);
  context_.tried.push_back({.trial = {Without(1), 0}, .outcome = {0.9, 1}});
  EXPECT_EQ(RootsOfRound(context_), context_.roots);
}

TEST_F(RootsTest, ThenAreTheFinalistsAndWhatIsCheaper) {
  const double one = context_.Predicted(Without(1).genes).latency,
               two = context_.Predicted(Without(2).genes).latency;
  ASSERT_LT(two, one);
  Point other = Without(1);
  other.moves = {"stem"};
  AddFinalist(other, (one + two) / 2);
  AddFinalist(other, two / 2);  // trained on
  EXPECT_THAT(RootsOfRound(context_), ElementsAre(other, Without(2)));
}

TEST_F(RootsTest, WhatMissesTheLimitIsNoReasonToLookForFaster) {
  const double one = context_.Predicted(Without(1).genes).latency,
               two = context_.Predicted(Without(2).genes).latency;
  context_.limit = 0.91;
  Point missed = Without(2), met = Without(0);
  missed.moves = met.moves = {"stem"};
  AddFinalist(missed, (one + two) / 2);
  EXPECT_THAT(RootsOfRound(context_), ElementsAre(missed, Without(0), Without(1)));
  AddFinalist(met, (100 + one) / 2);
  context_.tried.back().outcome.accuracy = 0.92;
  EXPECT_THAT(RootsOfRound(context_), ElementsAre(missed, met, Without(1)));
}

TEST_F(RootsTest, WhereTheLimitIsFarTheyAreWhatCanAttainIt) {
  context_.limit = 0.91;
  Point missed = Without(2);
  missed.moves = {"stem"};
  AddFinalist(missed, 5);
  EXPECT_THAT(RootsOfRound(context_), ElementsAre(missed));  // nothing costs up to twice as much
  context_.curve = LearningCurve(0.92, 0.1);
  ASSERT_GT(2 * 100 / context_.curve.Fastest(0.91), context_.Predicted(Without(1).genes).latency);
  EXPECT_THAT(RootsOfRound(context_), testing::IsSupersetOf({missed, Without(1), Without(2)}));
}

}  // namespace
}  // namespace nacre
