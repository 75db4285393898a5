#include "task/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace nacre {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ImageSet TwoImages() {
  ImageSet set{
      .channels = 1, .source = InMemory({1, 2}, 1), .labels = {0, 0}, .classes = {"unlabelled"}};
  set.preprocess.height = set.preprocess.width = 1;
  set.hash = "images";
  return set;
}

TEST(WithAnswers, AreTheLabelsAndMakeAnotherSet) {
  const auto labelled = WithAnswers(TwoImages(), {2, 0}, 3);
  ASSERT_TRUE(labelled);
  EXPECT_THAT(labelled->labels, ElementsAre(2, 0));
  EXPECT_THAT(labelled->classes, ElementsAre("0", "1", "2"));
  EXPECT_NE(labelled->hash, WithAnswers(TwoImages(), {2, 1}, 3)->hash);
  EXPECT_NE(labelled->hash, TwoImages().hash);
}

TEST(WithAnswers, NoNumberIsNoTruth) {
  const auto labelled = WithAnswers(TwoImages(), {1, -1}, 3);
  ASSERT_FALSE(labelled);
  EXPECT_EQ(labelled.error().kind, ErrorKind::kData);
  EXPECT_THAT(labelled.error().message, HasSubstr("is the preprocessing right?"));
  EXPECT_THROW((void)WithAnswers(TwoImages(), {1}, 3), std::logic_error);
}

}  // namespace
}  // namespace nacre
