#include "pipeline/choose_finalist.h"

#include <gtest/gtest.h>

namespace nacre {
namespace {

// An original of 90 % that takes 100 microseconds; the limit is 89 %. A second trains a network for
// an epoch.
class ChooseFinalistTest : public ::testing::Test {
 protected:
  ChooseFinalistTest() {
    history_.forecast = Forecast({.accuracy = 0.9, .images = 4300}, LearningCurve(0.9, 0.007));
  }

  void Add(double cost, double accuracy, int rung, bool final = false) {
    TrialRecord trial{.trial = {{{static_cast<int>(history_.trials.size())}}, rung},
                      .outcome = {accuracy, cost}};
    trial.model = StoredModel{.hash = "artifact"};
    trial.outcome.epochs = 1;
    trial.final = final;
    trial.images_per_second = 1000;
    history_.trials.push_back(trial);
  }

  // Cost of what is chosen; 0 for nothing.
  double Chosen(double seconds = 20, double later = 0) {
    const auto chosen = ChooseFinalist(aim_, history_, seconds, later);
    return chosen ? history_.trials[*chosen].outcome.cost : 0;
  }

  Aim aim_{.original_cost = 100, .limit = 0.89, .images = 1000};
  History history_;
};

TEST_F(ChooseFinalistTest, IsNothingWhenThereIsNone) {
  EXPECT_EQ(Chosen(), 0);
  Add(50, 0.88, 0);  // the first rung tells too little
  EXPECT_EQ(Chosen(), 0);
}

TEST_F(ChooseFinalistTest, FirstIsWhatIsExpectedToGainMost) {
  Add(70, 0.885, 1);
  Add(50, 0.86, 1);
  Add(20, 0.6, 1);
  EXPECT_EQ(Chosen(), 50);
  EXPECT_EQ(Chosen(0), 70);  // nothing else has a chance
}

TEST_F(ChooseFinalistTest, BeforeAnotherRoundItIsTheFastestOfTheSafeOnes) {
  Add(80, 0.899, 1);
  Add(70, 0.896, 1);
  Add(40, 0.86, 1);
  EXPECT_EQ(Chosen(20), 40) << "the only chance there is: the greatest expected gain";
  EXPECT_EQ(Chosen(20, 20), 70) << "40 may be the next one";
}

TEST_F(ChooseFinalistTest, WhereNoneIsSafeBeforeAnotherRoundItIsTheSafest) {
  Add(70, 0.7, 1);
  Add(40, 0.5, 1);
  EXPECT_EQ(Chosen(1, 20), 70);
}

TEST_F(ChooseFinalistTest, WhatAnotherNetworkDominatesIsNoChoice) {
  Add(50, 0.86, 1);
  Add(51, 0.85, 1);
  EXPECT_EQ(Chosen(), 50);
  Add(45, 0.86, 1);
  EXPECT_EQ(Chosen(), 45);
  history_.trials.back().outcome.epochs = 9;  // it had more training
  history_.trials.back().outcome.accuracy = 0.8605;
  history_.trials.back().outcome.cost = 49.9;
  history_.trials.front().outcome.cost = 20;
  EXPECT_EQ(Chosen(), 20);
}

TEST_F(ChooseFinalistTest, AResultInHandIsPlayedForMore) {
  Add(50, 0.895, 2, true);
  Add(40, 0.88, 1);
  Add(25, 0.87, 1);
  Add(10, 0.3, 1);
  EXPECT_EQ(Chosen(), 25);
  Add(26, 0.88, 0);  // a first rung will do where nothing is at stake
  EXPECT_EQ(Chosen(), 26);
}

TEST_F(ChooseFinalistTest, WithoutAnythingElseToGainAFinalistTrainsOn) {
  Add(50, 0.895, 2, true);
  Add(60, 0.88, 1);
  Add(10, 0.3, 1);
  EXPECT_EQ(Chosen(), 50);
}

TEST_F(ChooseFinalistTest, FarFromTheLimitItIsTheClosest) {
  Add(70, 0.2, 1);
  Add(50, 0.3, 1);
  Add(60, 0.25, 1);
  aim_.limit = 1e3;
  EXPECT_EQ(Chosen(), 50);
}

TEST_F(ChooseFinalistTest, WhatFailedOrHasTrainedOnIsNoChoice) {
  Add(50, 0.88, 1);
  Add(40, 0.88, 1);
  history_.trials.back().outcome.error = "diverged";
  Add(30, 0.88, 1);
  TrialRecord longer = history_.trials.back();
  longer.trial.rung = 2;
  longer.outcome.cost = 31;
  history_.trials.push_back(longer);
  EXPECT_EQ(Chosen(), 31);
  longer.trial.rung = 0;  // of another round
  longer.outcome.cost = 32;
  history_.trials.push_back(longer);
  EXPECT_EQ(Chosen(), 50);
}

TEST_F(ChooseFinalistTest, EpochsFollowTheSpeedThatWasSeenElseTheSizeOfTheNetwork) {
  Add(50, 0.88, 1);
  TrialRecord& trial = history_.trials.back();
  EXPECT_DOUBLE_EQ(EpochsIn(aim_, trial, 2.5), 2.5);
  trial.images_per_second.reset();
  trial.model->cost.macs = 4;
  aim_.macs_per_second = 2000;  // 500 images a second
  EXPECT_DOUBLE_EQ(EpochsIn(aim_, trial, 2.5), 1.25);
}

}  // namespace
}  // namespace nacre
