#include "train/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace nacre::train_internal {
namespace {

using ::testing::Each;
using ::testing::ElementsAreArray;
using ::testing::UnorderedElementsAre;

std::vector<int64_t> ImagesOfEpoch(Sampler& sampler, int64_t epoch) {
  std::vector<int64_t> images;
  for (int64_t i = 0; i < sampler.steps_per_epoch(); ++i) {
    const SampledBatch sample = sampler.At(epoch * sampler.steps_per_epoch() + i);
    images.insert(images.end(), sample.images.begin(), sample.images.end());
  }
  return images;
}

TEST(Sampler, TakesEveryImageOnceAnEpochInAnOrderOfItsOwn) {
  Sampler sampler(6, 2, 0, 1);
  EXPECT_EQ(sampler.steps_per_epoch(), 3);
  const auto first = ImagesOfEpoch(sampler, 0), second = ImagesOfEpoch(sampler, 1);
  EXPECT_THAT(first, UnorderedElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(second, UnorderedElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_NE(first, second);
}

TEST(Sampler, FillsTheLastBatchWithTheFirstImagesOfTheSameOrder) {
  Sampler sampler(5, 3, 0, 1);
  ASSERT_EQ(sampler.steps_per_epoch(), 2);
  const auto images = ImagesOfEpoch(sampler, 0);
  ASSERT_EQ(images.size(), 6u);
  EXPECT_EQ(images[5], images[0]);
  EXPECT_THAT(std::vector<int64_t>(images.begin(), images.end() - 1),
              UnorderedElementsAre(0, 1, 2, 3, 4));
}

TEST(Sampler, IsAFunctionOfTheStepAndTheSeed) {
  Sampler forward(64, 8, 4, 7), late(64, 8, 4, 7), other(64, 8, 4, 8);
  for (int64_t step = 0; step < 20; ++step) forward.At(step);
  EXPECT_THAT(forward.At(3).images, ElementsAreArray(late.At(3).images));
  EXPECT_THAT(forward.At(21).images, ElementsAreArray(late.At(21).images));
  EXPECT_THAT(forward.At(21).variants, ElementsAreArray(late.At(21).variants));
  EXPECT_NE(other.At(3).images, late.At(3).images);
}

TEST(Sampler, WithoutATeacherEveryEpochHasAVariantOfItsOwn) {
  Sampler sampler(4, 2, 0, 1);
  EXPECT_THAT(sampler.At(0).variants, Each(0));
  EXPECT_THAT(sampler.At(3).variants, Each(1));
  EXPECT_THAT(sampler.At(10).variants, Each(5));
}

// Neighbouring images see different variants in one epoch, and an image sees all of them in turn.
TEST(Sampler, WithATeacherVariantsTakeTurns) {
  constexpr int64_t kVariants = 3;
  Sampler sampler(7, 7, kVariants, 1);
  for (int64_t epoch = 0; epoch < 5; ++epoch) {
    const SampledBatch sample = sampler.At(epoch);
    for (size_t k = 0; k < sample.images.size(); ++k)
      EXPECT_EQ(sample.variants[k], (epoch + sample.images[k]) % kVariants);
  }
}

}  // namespace
}  // namespace nacre::train_internal
