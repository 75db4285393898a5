#include "pipeline/sort_front.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nacre {
namespace {

using testing::ElementsAre;

class SortFrontTest : public testing::Test {
 protected:
  void Add(const std::string& id, const std::string& architecture, double accuracy,
           double milliseconds) {
    FrontEntry entry{.id = id, .architecture = architecture};
    entry.int8.accuracy.value = accuracy;
    entry.int8.latency.median_ms = milliseconds;
    front_.push_back(entry);
  }

  std::vector<std::string> Sorted(double limit) {
    SortFront(config_, limit, front_);
    std::vector<std::string> ids;
    for (const FrontEntry& entry : front_) ids.push_back(entry.id);
    return ids;
  }

  bool OnFront(const std::string& id) const {
    for (const FrontEntry& entry : front_) {
      if (entry.id == id) return entry.on_front;
    }
    ADD_FAILURE() << id;
    return false;
  }

  RunConfig config_;
  std::vector<FrontEntry> front_;
};

TEST_F(SortFrontTest, WhatMeetsTheLimitComesFirstTheFastestOfIt) {
  Add("slow", "a", 0.95, 3);
  Add("fast", "b", 0.91, 2);
  Add("wrong", "c", 0.5, 1);
  EXPECT_THAT(Sorted(0.9), ElementsAre("fast", "slow", "wrong"));
  EXPECT_TRUE(front_[0].meets_limit);
  EXPECT_TRUE(front_[1].meets_limit);
  EXPECT_FALSE(front_[2].meets_limit);
}

TEST_F(SortFrontTest, OnTheFrontIsWhatNoOtherBeatsInBoth) {
  Add("best", "a", 0.95, 2);
  Add("beaten", "b", 0.94, 3);
  Add("fastest", "c", 0.5, 1);
  Sorted(0.9);
  EXPECT_TRUE(OnFront("best"));
  EXPECT_FALSE(OnFront("beaten"));
  EXPECT_TRUE(OnFront("fastest"));
}

TEST_F(SortFrontTest, OfOneArchitectureTheMoreAccurateComesFirst) {
  Add("first", "a", 0.91, 2.0);
  Add("again", "a", 0.93, 2.01);
  EXPECT_THAT(Sorted(0.9), ElementsAre("again", "first"));
}

TEST_F(SortFrontTest, WhereNoneMeetsTheLimitTheMostAccurateIsFirst) {
  Add("fast", "a", 0.6, 1);
  Add("accurate", "b", 0.8, 3);
  EXPECT_THAT(Sorted(0.9), ElementsAre("accurate", "fast"));
}

TEST_F(SortFrontTest, ABrokenBoundCountsAsMissingTheLimit) {
  Add("large", "a", 0.95, 1);
  front_[0].broken = "is 300.0 KiB large, more than 200.0 KiB";
  Add("small", "b", 0.92, 2);
  EXPECT_THAT(Sorted(0.9), ElementsAre("small", "large"));
}

TEST_F(SortFrontTest, WhatIsMinimisedDecides) {
  config_.objective = Objective::kSize;
  Add("fast", "a", 0.95, 1);
  front_[0].int8.size_bytes = 2000;
  Add("small", "b", 0.95, 2);
  front_[1].int8.size_bytes = 1000;
  EXPECT_THAT(Sorted(0.9), ElementsAre("small", "fast"));
  EXPECT_FALSE(OnFront("fast"));
}

TEST_F(SortFrontTest, AFloatTargetIsJudgedByItsFloatNetworks) {
  config_.target.precision = Precision::kFp32;
  Add("int8", "a", 0.95, 1);
  front_[0].fp32.accuracy.value = 0.5;
  Add("float", "b", 0.5, 9);
  front_[1].fp32.accuracy.value = 0.95;
  EXPECT_THAT(Sorted(0.9), ElementsAre("float", "int8"));
}

}  // namespace
}  // namespace nacre
