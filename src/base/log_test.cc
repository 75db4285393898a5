#include "base/log.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace nacre {
namespace {

// The level is read once a process, hence a process of its own for each.
[[noreturn]] void SayAll(const char* level) {
  setenv("NACRE_LOG", level, 1);
  Debug("fine print");
  Info("news {}");
  Warn("trouble");
  std::exit(0);
}

constexpr const char* kTime = "^[0-9]{2}:[0-9]{2}:[0-9]{2} ";

TEST(Log, SpeaksFromTheWantedLevelOn) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const std::string start = kTime;
  EXPECT_EXIT(SayAll("debug"), testing::ExitedWithCode(0), start + "debug fine print");
  EXPECT_EXIT(SayAll("info"), testing::ExitedWithCode(0), start + "info news \\{\\}");
  EXPECT_EXIT(SayAll("warn"), testing::ExitedWithCode(0), start + "warning trouble");
  EXPECT_EXIT(SayAll("off"), testing::ExitedWithCode(0), "^$");
  EXPECT_EXIT(SayAll("loud"), testing::ExitedWithCode(0), start + "info news");
}

}  // namespace
}  // namespace nacre
