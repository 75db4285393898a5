#include "base/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <thread>

namespace nacre {
namespace {

using testing::HasSubstr;

class HandClock : public Clock {
 public:
  Seconds Now() const override { return now; }
  Seconds now{100};
};

TEST(Progress, PlainLinesComeNowAndThenOnly) {
  HandClock clock;
  std::ostringstream out;
  const auto progress = MakeProgress(out, clock, {.every = Seconds(20)});
  progress->SetDeadline(Seconds(165));
  progress->Stage("distill");
  progress->Update(0.5, "too soon to be said");
  clock.now += Seconds(21);
  progress->Update(0.75, "12 of 16");
  EXPECT_EQ(out.str(), "[distill]   0 %  (1:05 left)\n[distill]  75 %  12 of 16  (0:44 left)\n");
}

TEST(Progress, ATerminalLineIsRedrawnAndCut) {
  HandClock clock;
  std::ostringstream out;
  {
    const auto progress = MakeProgress(out, clock, {.terminal = true, .width = 20});
    progress->Stage("train");
    clock.now += Seconds(1);
    progress->Update(0.1, std::string(100, 'x'));
  }
  EXPECT_THAT(out.str(), HasSubstr("\r[train]  10 %  xxxxx\x1b[K"));
  EXPECT_THAT(out.str(), testing::EndsWith("\r\x1b[K"));
}

TEST(Progress, ALineIsDrawnAgainWhenNothingWasForLong) {
  std::ostringstream out;
  {
    const auto progress =
        MakeProgress(out, SteadyClock(), {.every = Seconds(60), .heartbeat = Seconds(0.02)});
    progress->Stage("baselines");
    std::this_thread::sleep_for(Seconds(0.2));
  }
  EXPECT_THAT(out.str(), testing::StartsWith("[baselines]   0 %\n[baselines]   0 %\n"));
}

}  // namespace
}  // namespace nacre
