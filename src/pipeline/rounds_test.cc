#include "pipeline/rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "pipeline/budget.h"
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

  std::vector<Seconds> Planned(std::optional<Seconds> wanted = {}) { return PlanRounds(*run_, kHour, wanted).value(); }
  std::string Refused(Seconds wanted) {
    const auto planned = PlanRounds(*run_, kHour, wanted);
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

TEST_F(RoundsTest, AnotherBudgetTakesThePlaceOfTheOneUnderWay) {
  Planned();
  EXPECT_THAT(Planned(2 * kHour), ElementsAre(2 * kHour));
  EXPECT_THAT(Planned(), ElementsAre(2 * kHour));
  EXPECT_THAT(Refused(Seconds(60)), HasSubstr("give at least 2m"));
}

TEST_F(RoundsTest, AnEndedRoundStays) {
  Planned();
  ASSERT_TRUE(EndRound(*run_));
  EXPECT_THAT(Planned(), ElementsAre(kHour));
  EXPECT_THAT(Refused(kHour + Seconds(59)), HasSubstr("the run had 1h before; give at least 1h1m"));
  EXPECT_THAT(Planned(3 * kHour), ElementsAre(kHour, 3 * kHour));
  EXPECT_THAT(Planned(2 * kHour), ElementsAre(kHour, 2 * kHour));
  ASSERT_TRUE(EndRound(*run_));
  EXPECT_THAT(Planned(4 * kHour), ElementsAre(kHour, 2 * kHour, 4 * kHour));
}

TEST(Budget, SharesOfARoundBeginWhereTheOneBeforeEnds) {
  FakeClock clock;
  const Seconds now = clock.Now();
  const Budget whole(clock, Seconds(100), Seconds(20));
  EXPECT_EQ(whole.At(0.5) - now, Seconds(30));
  EXPECT_TRUE(whole.FirstRound());
  const Budget later = whole.Round(Seconds(100), Seconds(300));
  EXPECT_EQ(later.At(0.5) - now, Seconds(180));
  EXPECT_EQ(later.Length(), Seconds(200));
  EXPECT_EQ(later.Spent(), Seconds(20));
  EXPECT_FALSE(later.FirstRound());
}

}  // namespace
}  // namespace nacre
