#include "train/batch.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <vector>

namespace nacre::train_internal {
namespace {

// Images of 2 x 3 pixels with two channels; value = 100 * image + 10 * channel + position.
ImageSet Numbered(int count) {
  ImageSet set;
  set.channels = 2;
  set.preprocess = {.height = 2, .width = 3, .scale = 1};
  std::vector<uint8_t> pixels;
  for (int image = 0; image < count; ++image) {
    for (int channel = 0; channel < 2; ++channel) {
      for (int position = 0; position < 6; ++position)
        pixels.push_back(static_cast<uint8_t>(100 * image + 10 * channel + position));
    }
    set.labels.push_back(0);
  }
  set.classes = {"only"};
  set.source = InMemory(std::move(pixels), 12);
  return set;
}

std::vector<float> Values(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.contiguous();
  return {plain.const_data_ptr<float>(), plain.const_data_ptr<float>() + plain.numel()};
}

TEST(PlainBatch, HoldsTheImagesInTheirOrderChannelsLast) {
  const ImageSet set = Numbered(3);
  const Normalizer pixels(set);
  const at::Tensor batch = PlainBatch(pixels, std::vector<int64_t>{2, 0});
  EXPECT_EQ(batch.sizes().vec(), (std::vector<int64_t>{2, 2, 2, 3}));
  EXPECT_TRUE(batch.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_EQ(Values(batch),
            (std::vector<float>{200, 201, 202, 203, 204, 205, 210, 211, 212, 213, 214, 215,  //
                                0,   1,   2,   3,   4,   5,   10,  11,  12,  13,  14,  15}));
  EXPECT_TRUE(at::equal(PlainBatch(pixels, 1, 3), PlainBatch(pixels, std::vector<int64_t>{1, 2})));
}

TEST(AugmentedBatch, ShowsEachImageInItsVariant) {
  const ImageSet set = Numbered(2);
  const Normalizer pixels(set);
  const Augmentation flips{.flip = true, .shift = 0};
  const std::vector<int64_t> images = {0, 0}, variants = {0, 1};
  const at::Tensor batch = AugmentedBatch(pixels, images, variants, flips, 5);
  EXPECT_TRUE(at::equal(batch[0], batch[1].flip({2}))) << "one of two variants is flipped";
  EXPECT_FALSE(at::equal(batch[0], batch[1]));
  EXPECT_TRUE(at::equal(batch[0], AugmentedBatch(pixels, std::vector<int64_t>{0},
                                                 std::vector<int64_t>{0}, flips, 5)[0]));
}

TEST(AugmentedBatch, BlendsAnotherImageWithItsWeight) {
  const ImageSet set = Numbered(2);
  const Normalizer pixels(set);
  const Augmentation blends{.flip = false, .shift = 0, .mix = 1};
  int different = 0;
  for (int64_t image = 0; image < 2; ++image) {
    for (int64_t variant = 0; variant < 8; ++variant) {
      const ImageTransform drawn = DrawTransform(blends, 5, image, variant, 2, 3);
      const auto other = static_cast<int64_t>(drawn.other % 2);
      const at::Tensor batch = AugmentedBatch(pixels, std::vector<int64_t>{image},
                                              std::vector<int64_t>{variant}, blends, 5);
      const at::Tensor plain = PlainBatch(pixels, std::vector<int64_t>{image, other});
      EXPECT_TRUE(at::allclose(batch[0], plain[0] + drawn.weight * (plain[1] - plain[0])));
      different += image != other ? 1 : 0;
    }
  }
  EXPECT_GT(different, 0);
}

TEST(VisitBatches, GivesEveryImageOnceTheLastBatchBeingSmaller) {
  std::vector<int64_t> sizes;
  std::vector<float> first;
  VisitBatches(Numbered(2), 2, [&](const at::Tensor& batch) { sizes.push_back(batch.size(0)); });
  EXPECT_EQ(sizes, (std::vector<int64_t>{2}));
  sizes.clear();
  VisitBatches(Numbered(3), 2, [&](const at::Tensor& batch) {
    sizes.push_back(batch.size(0));
    first.push_back(batch[0][0][0][0].item<float>());
  });
  EXPECT_EQ(sizes, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(first, (std::vector<float>{0, 200}));
  VisitBatches(Numbered(0), 2, [](const at::Tensor&) { FAIL() << "there is no image"; });
}

}  // namespace
}  // namespace nacre::train_internal
