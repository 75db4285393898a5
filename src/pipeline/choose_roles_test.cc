#include <gtest/gtest.h>

#include "pipeline/supernet_stages.h"

namespace nacre {
namespace {

// An original that takes 100 microseconds; the limit is 89 %.
class ChooseRolesTest : public ::testing::Test {
 protected:
  void Add(double cost, double accuracy) {
    TrialRecord trial;
    trial.trial.point.genes = {static_cast<int>(history_.trials.size())};
    trial.outcome.accuracy = accuracy;
    trial.outcome.cost = cost;
    trial.model.emplace();
    history_.trials.push_back(trial);
  }

  // "A50 B90": letters and costs.
  std::string Chosen() const {
    std::string text;
    for (const Role& role : ChooseRoles(history_, aim_)) {
      const auto cost = static_cast<int>(history_.trials[role.trial].outcome.cost);
      text += (text.empty() ? "" : " ") + std::string(1, role.letter) + std::to_string(cost);
    }
    return text;
  }

  Aim aim_{.original_cost = 100, .limit = 0.89};
  History history_;
};

TEST_F(ChooseRolesTest, NothingOfNothing) { EXPECT_EQ(Chosen(), ""); }

TEST_F(ChooseRolesTest, FastestWithinTheLimitMostAccurateAndKnee) {
  Add(95, 0.91);
  Add(60, 0.895);
  Add(80, 0.905);
  Add(40, 0.87);  // the front rises steeply to here
  Add(30, 0.6);
  Add(70, 0.88);  // dominated
  EXPECT_EQ(Chosen(), "A60 B95 C40");
}

TEST_F(ChooseRolesTest, WhereNoneKeepsTheLimitTheMostAccurateFasterOne) {
  Add(120, 0.88);
  Add(80, 0.85);
  Add(50, 0.8);
  EXPECT_EQ(Chosen(), "A80 B120");
}

TEST_F(ChooseRolesTest, OneNetworkHasOneRole) {
  Add(50, 0.9);
  EXPECT_EQ(Chosen(), "A50");
  TrialRecord failed;
  failed.outcome.error = "is too large";
  history_.trials.push_back(failed);
  EXPECT_EQ(Chosen(), "A50");
}

}  // namespace
}  // namespace nacre
