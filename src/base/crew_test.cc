#include "base/crew.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace nacre {
namespace {

TEST(Crew, EveryMemberWorksInAThreadOfItsOwnTheSameEveryTime) {
  Crew crew(3);
  ASSERT_EQ(crew.members(), 3);
  std::vector<std::thread::id> first(3), again(3);
  crew.Each([&](int member) { first[static_cast<size_t>(member)] = std::this_thread::get_id(); });
  crew.Each([&](int member) { again[static_cast<size_t>(member)] = std::this_thread::get_id(); });
  EXPECT_EQ(first, again);
  EXPECT_EQ(first[0], std::this_thread::get_id());
  EXPECT_NE(first[1], first[0]);
  EXPECT_NE(first[2], first[1]);
}

TEST(Crew, ReturnsWhenAllHaveEnded) {
  Crew crew(4);
  std::atomic<int> sum = 0;
  for (int call = 1; call <= 1000; ++call) {
    crew.Each([&](int member) { sum += member + 1; });
    ASSERT_EQ(sum, 10 * call);
  }
}

TEST(Crew, ThrowsWhatAMemberHasThrownAndGoesOn) {
  Crew crew(2);
  for (const int thrower : {0, 1}) {
    try {
      crew.Each([&](int member) {
        if (member == thrower) throw std::runtime_error("member " + std::to_string(member));
      });
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(error.what(), "member " + std::to_string(thrower));
    }
    int called = 0;
    crew.Each([&](int member) { called += member == 0; });
    EXPECT_EQ(called, 1);
  }
}

TEST(Crew, OneAloneIsTheCaller) {
  Crew crew(0);
  int calls = 0;
  crew.Each([&](int member) { calls += member == 0; });
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace nacre
