#include "base/interrupt.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace nacre {
namespace {

// Exit code 0 when `signals` signals were taken as a request to stop and nothing more.
[[noreturn]] void Receive(int number, int signals) {
  WatchInterrupts();
  if (InterruptRequested()) _exit(1);
  for (int i = 0; i < signals; ++i) raise(number);
  _exit(InterruptRequested() ? 0 : 2);
}

TEST(Interrupt, TheFirstIsARequestTheThirdAnOrder) {
  for (const int number : {SIGINT, SIGTERM}) {
    EXPECT_EXIT(Receive(number, 1), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(Receive(number, 2), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(Receive(number, 3), testing::ExitedWithCode(130), "");
  }
}

}  // namespace
}  // namespace nacre
