#include "data/image_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace nacre {
namespace {

using ::testing::ElementsAre;

// Two images of 1 x 2 with three channels.
ImageSet Small() {
  ImageSet set;
  set.preprocess.height = 1;
  set.preprocess.width = 2;
  set.source = InMemory({0, 255, 51, 102, 153, 204, 255, 255, 0, 0, 51, 51}, 6);
  set.labels = {0, 1};
  set.classes = {"a", "b"};
  return set;
}

TEST(ImageSet, BatchIsNormalisedAChannel) {
  ImageSet set = Small();
  set.preprocess.mean = {0, 0.2, 0.6};
  set.preprocess.std = {1, 0.2, 0.5};
  const Tensor batch = set.Batch(0, 1).value();
  EXPECT_THAT(batch.shape(), ElementsAre(1, 3, 1, 2));
  const std::vector<float> expected = {0, 1, 0, 1, 0, 0.4f};
  for (size_t i = 0; i < 6; ++i) EXPECT_NEAR(batch.floats()[i], expected[i], 1e-6);
}

TEST(ImageSet, BatchTakesAnyOrder) {
  const Tensor batch = Small().Batch({1, 0, 1}).value();
  EXPECT_THAT(batch.shape(), ElementsAre(3, 3, 1, 2));
  EXPECT_EQ(batch.floats()[0], 1);
  EXPECT_EQ(batch.floats()[6], 0);
  EXPECT_EQ(batch.floats()[12], 1);
  EXPECT_THROW(static_cast<void>(Small().Batch({2})), std::logic_error);
  EXPECT_THROW(static_cast<void>(Small().Batch(1, 0)), std::logic_error);
}

TEST(ImageSet, SubsetHasItsOwnHash) {
  const ImageSet set = Small();
  const ImageSet subset = set.Subset({1});
  EXPECT_THAT(subset.labels, ElementsAre(1));
  std::vector<uint8_t> pixels(6);
  ASSERT_TRUE(subset.source->Read(0, pixels));
  EXPECT_THAT(pixels, ElementsAre(255, 255, 0, 0, 51, 51));
  EXPECT_EQ(subset.hash, set.Subset({1}).hash);
  EXPECT_NE(subset.hash, set.Subset({0}).hash);
  EXPECT_NE(set.Subset({0, 1}).hash, set.Subset({1, 0}).hash);
}

}  // namespace
}  // namespace nacre
