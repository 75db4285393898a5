#include "base/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

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

}  // namespace
}  // namespace nacre
