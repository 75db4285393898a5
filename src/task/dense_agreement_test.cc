#include "task/dense_agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace nacre {
namespace {

using ::testing::ElementsAre;

Tensor Rows(int64_t images, const std::vector<float>& values) {
  return Tensor::Floats({images, static_cast<int64_t>(values.size()) / images}, values);
}

TEST(DenseAgreement, OfClassesIsTheShareOfRows) {
  const AnswerForm form{
      .parts = {{.value = "map", .kind = AnswerKind::kClasses, .rows = 2, .columns = 2}}};
  const Tensor original = Rows(2, {1, 0, 1, 0, 0, 1, 0, 1});
  const Tensor answers = Rows(2, {9, 0, 0, 9, 0, 5, 2, 4});
  EXPECT_THAT(DenseAgreement(form, original, answers), ElementsAre(0.5, 1));
}

TEST(DenseAgreement, OfLogitsIsTheShareOfWhatEitherHoldsForLikely) {
  const AnswerForm form{
      .parts = {{.value = "seen", .kind = AnswerKind::kLogits, .rows = 4, .columns = 1}}};
  const Tensor original = Rows(2, {1, 1, -1, -1, -1, -1, -1, -1});
  const Tensor answers = Rows(2, {1, -1, 1, -1, -9, -9, -9, -9});
  const auto agreement = DenseAgreement(form, original, answers);
  EXPECT_NEAR(agreement[0], 1.0 / 3, 1e-12);
  EXPECT_EQ(agreement[1], 1) << "nothing is there for both";
}

TEST(DenseAgreement, OfNumbersIsWhatTheVarianceLeaves) {
  const AnswerForm form{.parts = {{.value = "depth", .columns = 4}}};
  const Tensor original = Rows(1, {-1, 1, -1, 1});  // of variance 1
  EXPECT_THAT(DenseAgreement(form, original, Rows(1, {-1, 1, -1, 2})), ElementsAre(0.75));
  EXPECT_THAT(DenseAgreement(form, original, Rows(1, {9, 9, 9, 9})), ElementsAre(0));
  EXPECT_THROW(DenseAgreement(form, original, Rows(1, {1, 2})), std::logic_error);
}

TEST(DenseAgreementTask, JudgesAndComparesImageByImage) {
  const AnswerForm form{.parts = {{.value = "depth", .columns = 2}}};
  const auto original = std::make_shared<const Tensor>(Rows(4, {-1, 1, -1, 1, -1, 1, -1, 1}));
  const DenseAgreementTask task(
      form,
      [&](const std::string&) -> Expected<std::shared_ptr<const Tensor>> { return original; });
  ImageSet images;
  images.labels = {0, 0, 0, 0};
  const auto same = task.Judge(*original, images);
  ASSERT_TRUE(same);
  EXPECT_EQ(same->value, 1);
  EXPECT_EQ(task.Measure(same->record, images).low, 1);
  // Two of four images lose a half: mean 0.75, standard deviation of the mean sqrt(1 / 12) / 2.
  const auto half = task.Judge(Rows(4, {-1, 1, -1, 1, -1, 2, -1, 2}), images);
  ASSERT_TRUE(half);
  EXPECT_NEAR(half->value, 0.75, 1e-12);
  const double error = std::sqrt(1.0 / 12) / 2;
  EXPECT_NEAR(task.Measure(half->record, images).low, 0.75 - 1.96 * error, 1e-4);
  const Drop drop = task.Compare(same->record, half->record, images, {});
  EXPECT_NEAR(drop.value, 0.25, 1e-12);
  EXPECT_NEAR(drop.high, 0.25 + 1.6449 * error, 1e-4);
  const Drop relative = task.Compare(half->record, same->record, images, {});
  EXPECT_NEAR(relative.value, -0.25 / 0.75, 1e-12);
}

}  // namespace
}  // namespace nacre
