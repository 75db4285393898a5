#include "space/rated.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/random.h"
#include "cost/profile.h"
#include "forecast/priors.h"
#include "graph/builder.h"

namespace nacre {
namespace {

Candidate Named(const std::string& id, CandidateKind kind, int first, int last) {
  return {.id = id, .kind = kind, .first = first, .last = last};
}

// Three blocks that cost 10, 20 and 40 of each figure, with changes of single blocks and of pairs.
class RatedTest : public testing::Test {
 protected:
  RatedTest() {
    space_.blocks.resize(3);
    for (int b = 0; b < 3; ++b)
      Add(Named("keep", CandidateKind::kKeep, b, b), Usage{10.0 * (1 << b), 100, 1000}, 0);
    pricing_.original = {200, 500, 4000};
  }

  size_t Add(Candidate candidate, std::optional<Usage> usage, std::optional<double> score) {
    space_.candidates.push_back({std::move(candidate), usage, score});
    return space_.candidates.size() - 1;
  }

  size_t AddPlain(int first, int last, Usage usage) {
    return Add(Named("plain", CandidateKind::kPlain, first, last), usage, 0.25);
  }

  bool Useful(size_t index) const { return IsUseful(space_, Objective::kLatency, index); }

  Space space_;
  PricingContext pricing_;
};

TEST_F(RatedTest, SumsAreOfAllPicks) {
  const int plain = static_cast<int>(AddPlain(0, 1, {5, 6, 7}));
  const Usage sum = SumOf(space_, {plain, 2});
  EXPECT_EQ(sum.latency, 45);
  EXPECT_EQ(sum.size, 106);
  EXPECT_EQ(sum.memory, 1007);
  EXPECT_EQ(ScoreOf(space_, {plain, 2}), 0.25);
  EXPECT_EQ(SumOf(space_, {}).latency, 0);
}

TEST_F(RatedTest, WhatIsNotRatedAddsNothingToTheSums) {
  const int unrated = static_cast<int>(Add(Named("thin", CandidateKind::kThin, 0, 0), {}, {}));
  const Usage sum = SumOf(space_, {unrated, 1, 2});
  EXPECT_EQ(sum.latency, 60);
  EXPECT_EQ(sum.size, 200);
  EXPECT_EQ(sum.memory, 2000);
  EXPECT_EQ(ScoreOf(space_, {unrated, 1, 2}), 0);
}

TEST_F(RatedTest, TheOriginalIsPredictedAsItWasMeasured) {
  pricing_.overhead = 7;
  pricing_.scale = 1.5;
  const Usage usage = Predicted(space_, pricing_, Original(space_).picks);
  EXPECT_DOUBLE_EQ(usage.latency, 200);
  EXPECT_DOUBLE_EQ(usage.size, 500);
  EXPECT_DOUBLE_EQ(usage.memory, 4000);
}

TEST_F(RatedTest, LatencyIsPredictedByRatioAndBytesByDifference) {
  pricing_.overhead = 5;
  pricing_.scale = 2;
  const int plain = static_cast<int>(AddPlain(0, 1, {5, 60, 700}));
  const Usage usage = Predicted(space_, pricing_, {plain, 2});
  EXPECT_DOUBLE_EQ(usage.latency, 200 * (5 + 2 * 45.0) / (5 + 2 * 70.0));
  EXPECT_DOUBLE_EQ(usage.size, 500 + 160 - 300);
  EXPECT_DOUBLE_EQ(usage.memory, 4000 + 1700 - 3000);
}

TEST_F(RatedTest, NoNetworkIsPredictedToHaveFewerThanNoBytes) {
  pricing_.original = {200, 50, 40};
  const int plain = static_cast<int>(AddPlain(0, 2, {5, 6, 7}));
  const Usage usage = Predicted(space_, pricing_, {plain});
  EXPECT_EQ(usage.size, 0);
  EXPECT_EQ(usage.memory, 0);
}

TEST_F(RatedTest, GainIsTheOriginalOverTheCost) {
  EXPECT_DOUBLE_EQ(Gain(pricing_, 50), 4);
  pricing_.objective = Objective::kMemory;
  EXPECT_DOUBLE_EQ(Gain(pricing_, 1000), 4);
}

TEST_F(RatedTest, WhatIsKeptIsUsefulWhenItIsPriced) {
  EXPECT_TRUE(Useful(0));
  space_.candidates[0].usage.reset();
  EXPECT_FALSE(Useful(0));
}

TEST_F(RatedTest, WhatIsUsefulIsClearlyCheaperThanTheBlocksThatItReplaces) {
  const double most = priors::kUsefulCost * (10 + 20);
  EXPECT_TRUE(Useful(AddPlain(0, 1, {most, 0, 0})));
  EXPECT_FALSE(Useful(AddPlain(0, 1, {1.001 * most, 0, 0})));
  EXPECT_TRUE(Useful(AddPlain(1, 2, {1.001 * most, 0, 0})));
}

TEST_F(RatedTest, UsefulnessIsThatOfTheObjective) {
  const size_t small = AddPlain(0, 0, {1000, 10, 100000});
  EXPECT_FALSE(IsUseful(space_, Objective::kLatency, small));
  EXPECT_FALSE(IsUseful(space_, Objective::kThroughput, small));
  EXPECT_TRUE(IsUseful(space_, Objective::kSize, small));
  EXPECT_FALSE(IsUseful(space_, Objective::kMemory, small));
}

TEST_F(RatedTest, WhatHasNoPriceIsNotUseful) {
  EXPECT_FALSE(Useful(Add(Named("thin", CandidateKind::kThin, 0, 0), {}, 0.1)));
}

TEST_F(RatedTest, BlocksWithoutAPriceJustifyNoCandidate) {
  space_.candidates[0].usage.reset();
  EXPECT_FALSE(Useful(AddPlain(0, 0, {0, 0, 0})));
  EXPECT_TRUE(Useful(AddPlain(0, 1, {19, 0, 0})));
  EXPECT_FALSE(Useful(AddPlain(0, 1, {20, 0, 0})));
}

TEST_F(RatedTest, WhatIsUsableIsUsefulAndHasAScore) {
  const size_t plain = AddPlain(0, 0, {1, 1, 1});
  EXPECT_TRUE(IsUsable(space_, Objective::kLatency, plain));
  space_.candidates[plain].score.reset();
  EXPECT_TRUE(Useful(plain));
  EXPECT_FALSE(IsUsable(space_, Objective::kLatency, plain));
  space_.candidates[plain].score = 0.1;
  space_.candidates[plain].usage->latency = 1000;
  EXPECT_FALSE(IsUsable(space_, Objective::kLatency, plain));
}

// The least cost of the blocks from `block` on, by trying all covers.
double LeastCost(const Space& space, int block) {
  if (block == static_cast<int>(space.blocks.size())) return 0;
  double least = std::numeric_limits<double>::infinity();
  for (const RatedCandidate& each : space.candidates) {
    if (each.candidate.first != block || !each.usage) continue;
    least = std::min(least, each.usage->latency + LeastCost(space, each.candidate.last + 1));
  }
  return least;
}

TEST_F(RatedTest, TheCheapestCoverIsThatOfAllCovers) {
  Random random(5);
  for (int trial = 0; trial < 50; ++trial) {
    Space space;
    space.blocks.resize(6);
    for (int b = 0; b < 6; ++b) {
      space.candidates.push_back({Named("keep", CandidateKind::kKeep, b, b), Usage{8, 1, 1}});
    }
    for (int i = 0; i < 12; ++i) {
      const int first = static_cast<int>(random.Below(6));
      const int last = first + static_cast<int>(random.Below(static_cast<uint64_t>(6 - first)));
      const double latency = 1 + static_cast<double>(random.Below(20));
      space.candidates.push_back(
          {Named("plain", CandidateKind::kPlain, first, last), Usage{latency, 1, 1}});
    }
    pricing_.original.latency = 48;  // the sum of what is kept
    const Cheapest cheapest = FindCheapest(space, pricing_);
    ASSERT_TRUE(CheckCovers(space, cheapest.architecture));
    const double least = LeastCost(space, 0);
    EXPECT_DOUBLE_EQ(SumOf(space, cheapest.architecture.picks).latency, least);
    EXPECT_DOUBLE_EQ(cheapest.usage.latency, least);
    EXPECT_DOUBLE_EQ(cheapest.gain, 48 / least);
    EXPECT_EQ(cheapest.unpriced, 0);
  }
}

TEST_F(RatedTest, TheCheapestCoverIsThatOfTheObjective) {
  const int fast = static_cast<int>(AddPlain(0, 2, {1, 900, 900}));
  const int small = static_cast<int>(AddPlain(0, 1, {900, 1, 900}));
  EXPECT_EQ(FindCheapest(space_, pricing_).architecture.picks, std::vector<int>{fast});
  pricing_.objective = Objective::kSize;
  EXPECT_EQ(FindCheapest(space_, pricing_).architecture.picks, (std::vector{small, 2}));
}

TEST_F(RatedTest, WhatHasNoPriceIsNoPartOfTheCheapestCover) {
  Add(Named("thin", CandidateKind::kThin, 0, 2), {}, 0.1);
  space_.candidates[1].usage.reset();
  const Cheapest cheapest = FindCheapest(space_, pricing_);
  EXPECT_EQ(cheapest.architecture.picks, (std::vector{0, 1, 2}));
  EXPECT_EQ(cheapest.unpriced, 1);
  EXPECT_DOUBLE_EQ(cheapest.gain, 1);
}

// Stem, two convolutions and a head, in a table that has all parts but the last candidate's.
TEST(FillUsages, SetsThoseOfTheCandidatesThatTheTableHas) {
  NetworkBuilder b("net", "image", {kDynamic, 3, 8, 8}, Random(1));
  std::string x = b.ConvBn("image", {.out = 32});
  for (int i = 0; i < 2; ++i) x = b.ConvBn(x, {.out = 32});
  const std::string logits = b.Linear(b.Flatten(b.GlobalAveragePool(x)), 10);
  Space space = BuildSpace(std::move(b).Finish(logits, "logits"), {}).value();
  const Target target{.precision = Precision::kFp32};
  LatencyTable table;
  for (const RatedCandidate& rated : space.candidates)
    table.entries[PartKey(rated.candidate.fragment)] = 3;
  const int first = Original(space).picks[1];
  const Network fragment = space.candidates[static_cast<size_t>(first)].candidate.fragment;
  table.entries[PartKey(fragment)] = -2;  // below the noise
  const std::string missing = PartKey(space.candidates.back().candidate.fragment);
  ASSERT_NE(missing, PartKey(fragment));
  table.entries.erase(missing);
  space.candidates.back().usage = Usage{1, 1, 1};  // of another table
  ASSERT_TRUE(FillUsages(space, table, target));
  int unpriced = 0;
  for (const RatedCandidate& rated : space.candidates) {
    const bool known = PartKey(rated.candidate.fragment) != missing;
    EXPECT_EQ(rated.usage.has_value(), known) << rated.candidate.id;
    unpriced += rated.usage ? 0 : 1;
  }
  EXPECT_GE(unpriced, 1);
  const auto& usage = space.candidates[static_cast<size_t>(first)].usage;
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->latency, 0);
  const Usage alone = UsageOf(fragment, target).value();
  const double weights = WeightBytes(fragment, target).value();
  EXPECT_EQ(usage->size, alone.size);
  // Of its activations each candidate has a share, as there are blocks.
  const auto blocks = static_cast<double>(space.blocks.size());
  EXPECT_DOUBLE_EQ(usage->memory, weights + (alone.memory - weights) / blocks);
}

}  // namespace
}  // namespace nacre
