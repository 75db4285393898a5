#include "task/kind.h"

#include <gtest/gtest.h>

namespace nacre {
namespace {

TEST(TaskKind, NamesReadBack) {
  for (const TaskKind kind :
       {TaskKind::kClassification, TaskKind::kAgreement, TaskKind::kDetection}) {
    EXPECT_EQ(ParseTask(TaskName(kind)), kind);
  }
  EXPECT_EQ(TaskName(TaskKind::kAgreement), "agreement");
}

TEST(TaskKind, OtherNamesAreNone) {
  EXPECT_FALSE(ParseTask("segmentation"));
  EXPECT_FALSE(ParseTask("Agreement"));
  EXPECT_FALSE(ParseTask(""));
}

}  // namespace
}  // namespace nacre
