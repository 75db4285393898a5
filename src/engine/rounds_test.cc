#include "engine/rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "engine/budget.h"
#include "engine/shares.h"
#include "testing/fake_clock.h"

namespace nacre {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Seconds kHour{3600};

class RoundsTest : public testing::Test {
 protected:
  RoundsTest() {
    folder_ = std::filesystem::temp_directory_path() / ("nacre-rounds-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    run_ = nacre::Run::Open(folder_, nacre::Run::Mode::kFresh).value();
  }
  ~RoundsTest() override { std::filesystem::remove_all(folder_); }

  std::vector<Seconds> Planned(std::optional<Seconds> wanted = {}) {
    return PlanBudgets(*run_, kHour, wanted).value();
  }
  std::string Refused(Seconds wanted) {
    const auto planned = PlanBudgets(*run_, kHour, wanted);
    EXPECT_FALSE(planned);
    return planned ? "" : planned.error().message;
  }

  std::filesystem::path folder_;
  std::unique_ptr<nacre::Run> run_;
};

TEST_F(RoundsTest, TheFirstIsTheBudget) {
  EXPECT_THAT(Planned(), ElementsAre(kHour));
  EXPECT_THAT(Planned(kHour), ElementsAre(kHour));
}

TEST_F(RoundsTest, AnotherTotalTakesThePlaceOfTheOneUnderWay) {
  Planned();
  EXPECT_THAT(Planned(2 * kHour), ElementsAre(2 * kHour));
  EXPECT_THAT(Planned(), ElementsAre(2 * kHour));
  EXPECT_THAT(Refused(Seconds(60)), HasSubstr("give at least 2m"));
}

TEST_F(RoundsTest, AnEndedBudgetStays) {
  Planned();
  ASSERT_TRUE(EndBudget(*run_));
  EXPECT_THAT(Planned(), ElementsAre(kHour));
  EXPECT_THAT(Refused(kHour + Seconds(59)), HasSubstr("the run had 1h before; give at least 1h1m"));
  EXPECT_THAT(Planned(3 * kHour), ElementsAre(kHour, 3 * kHour));
  EXPECT_THAT(Planned(2 * kHour), ElementsAre(kHour, 2 * kHour));
  ASSERT_TRUE(EndBudget(*run_));
  EXPECT_THAT(Planned(4 * kHour), ElementsAre(kHour, 2 * kHour, 4 * kHour));
}

TEST(Rounds, FollowEachOtherWithinTheirBudgets) {
  const std::vector<Round> rounds = RoundsOf({Seconds(300), kHour, Seconds(3700)});
  ASSERT_EQ(rounds.size(), 4u);
  EXPECT_EQ(rounds[0].begin, Seconds(0));
  for (size_t k = 0; k < 4; ++k) EXPECT_EQ(rounds[k].budget, std::vector<size_t>({0, 1, 1, 2})[k]);
  EXPECT_EQ(rounds[0].finalists, 2u);
  EXPECT_EQ(rounds[1].begin, Seconds(300));
  EXPECT_EQ(rounds[1].finalists, 1u);
  EXPECT_EQ(rounds[2].begin, rounds[1].end);
  EXPECT_GT(rounds[1].later, Seconds(0));
  EXPECT_LT(rounds[1].later, rounds[2].end - rounds[2].begin);
  EXPECT_EQ(rounds[2].later, Seconds(0));
  EXPECT_LT(rounds[2].end, kHour);
  EXPECT_EQ(rounds[3].begin, kHour);
  EXPECT_LT(rounds[3].end, Seconds(3700));
}

TEST(Rounds, LeaveTheTimeForInt8AndAcceptance) {
  const auto usual = RoundsOf({Seconds(600)}), late = RoundsOf({Seconds(600)}, Seconds(110));
  ASSERT_EQ(usual.size(), 1u);
  ASSERT_EQ(late.size(), 1u);
  EXPECT_DOUBLE_EQ(late[0].end.count(), 490);
  EXPECT_GT(usual[0].end, late[0].end);
  EXPECT_EQ(RoundsOf({Seconds(600)}, Seconds(10))[0].end, usual[0].end) << "it has more anyway";
  EXPECT_DOUBLE_EQ(RoundsOf({Seconds(600)}, Seconds(599))[0].end.count(),
                   600 * shares::kLeastTrainingShare);
}

TEST(Rounds, OfALongBudgetEndInTimeTogether) {
  const auto rounds = RoundsOf({kHour}, Seconds(600));
  ASSERT_EQ(rounds.size(), 2u);
  EXPECT_DOUBLE_EQ(rounds[1].end.count(), 3000);
  EXPECT_DOUBLE_EQ(rounds[0].end.count(), 3000 * shares::kFirstRound);
  EXPECT_EQ(rounds[1].begin, rounds[0].end);
}

TEST(Budget, SharesOfAPartAreCountedFromItsBegin) {
  FakeClock clock;
  const Seconds now = clock.Now();
  const Budget whole(clock, Seconds(100), Seconds(20));
  EXPECT_EQ(whole.At(0.5) - now, Seconds(30));
  EXPECT_TRUE(whole.FromTheStart());
  const Budget later = whole.Part(Seconds(100), Seconds(300));
  EXPECT_EQ(later.At(0.5) - now, Seconds(180));
  EXPECT_EQ(later.Length(), Seconds(200));
  EXPECT_EQ(later.Spent(), Seconds(20));
  EXPECT_FALSE(later.FromTheStart());
}

}  // namespace
}  // namespace nacre
