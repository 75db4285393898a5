#include "train/normalizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace nacre::train_internal {
namespace {

// One grey image, pixel value = 10 * row + column.
ImageSet Ramp(int64_t height, int64_t width) {
  ImageSet set;
  set.channels = 1;
  set.preprocess.height = height;
  set.preprocess.width = width;
  set.preprocess.scale = 1;
  std::vector<uint8_t> pixels;
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) pixels.push_back(static_cast<uint8_t>(10 * y + x));
  }
  set.source = InMemory(std::move(pixels), height * width);
  set.labels = {0};
  set.classes = {"only"};
  return set;
}

std::vector<float> Written(const ImageSet& set, const ImageTransform& transform,
                           int64_t cutout = 0) {
  std::vector<float> out(set.image_bytes(), -1);
  Normalizer(set).Write(0, transform, cutout, out.data());
  return out;
}

TEST(Normalizer, AppliesScaleMeanAndDeviationWithChannelsFastest) {
  ImageSet set;
  set.channels = 2;
  set.preprocess = {.height = 1, .width = 2, .scale = 2, .mean = {1, 2}, .std = {1, 4}};
  set.source = InMemory({2, 4, 20, 36}, 4);
  set.labels = {0};
  EXPECT_EQ(Written(set, {}), (std::vector<float>{0, 2, 1, 4}));
}

TEST(Normalizer, FlipsLeftAndRight) {
  EXPECT_EQ(Written(Ramp(2, 3), {.flip = true}), (std::vector<float>{2, 1, 0, 12, 11, 10}));
}

TEST(Normalizer, ShiftsRightAndDownReflectingTheEdges) {
  EXPECT_EQ(Written(Ramp(2, 4), {.dx = 2}), (std::vector<float>{2, 1, 0, 1, 12, 11, 10, 11}));
  EXPECT_EQ(Written(Ramp(2, 2), {.dy = 1}), (std::vector<float>{10, 11, 0, 1}));
}

TEST(Normalizer, ScalesAWindowUpBilinearly) {
  const ImageSet ramp = Ramp(2, 4);
  const ImageTransform right_half{.left = 0.5, .wide = 0.5};
  EXPECT_EQ(Written(ramp, right_half),
            (std::vector<float>{1.75, 2.25, 2.75, 3, 11.75, 12.25, 12.75, 13}));
  const ImageTransform upper_half{.high = 0.5};
  EXPECT_EQ(Written(ramp, upper_half), (std::vector<float>{0, 1, 2, 3, 2.5, 3.5, 4.5, 5.5}));
}

TEST(Normalizer, ChangesBrightnessAndContrast) {
  EXPECT_EQ(Written(Ramp(1, 3), {.gain = 2, .offset = 1}), (std::vector<float>{1, 3, 5}));
}

TEST(Normalizer, VariantsOfAPairAreMirrorImagesWithZoomAndColorToo) {
  const ImageSet ramp = Ramp(5, 7);
  const Augmentation augmentation{.mirrored = true, .zoom = 0.5, .color = 0.2};
  for (int64_t variant = 0; variant < 20; variant += 2) {
    const auto drawn = [&](int64_t which) {
      return Written(ramp, DrawTransform(augmentation, 3, 0, which, 5, 7));
    };
    auto one = drawn(variant), other = drawn(variant + 1);
    for (int64_t y = 0; y < 5; ++y)
      std::reverse(other.begin() + y * 7, other.begin() + (y + 1) * 7);
    for (size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(one[i], other[i], 1e-3);
  }
}

TEST(Normalizer, CutsAWindowClippedToTheImage) {
  const auto out = Written(Ramp(3, 3), {.cut_x = 2, .cut_y = -1}, 2);
  EXPECT_EQ(out, (std::vector<float>{0, 1, 0, 10, 11, 12, 20, 21, 22}));
}

TEST(Normalizer, RejectsPixelsThatDoNotFit) {
  ImageSet set = Ramp(2, 2);
  set.source = InMemory({0, 1, 10}, 3);
  EXPECT_THROW(Normalizer{set}, std::logic_error);
}

TEST(DrawTransform, MirrorsEveryOtherVariantWhereThatIsAskedFor) {
  const ImageSet set = Ramp(5, 7);
  const Augmentation augmentation{.mirrored = true, .shift = 3, .cutout = 3};
  std::set<std::vector<float>> pairs;
  for (int64_t image = 0; image < 50; ++image) {
    const ImageTransform one = DrawTransform(augmentation, 7, image, 4, 5, 7);
    const ImageTransform other = DrawTransform(augmentation, 7, image, 5, 5, 7);
    EXPECT_NE(one.flip, other.flip);
    const std::vector<float> a = Written(set, one, 3);
    std::vector<float> b = Written(set, other, 3);
    for (int64_t y = 0; y < 5; ++y) std::reverse(b.begin() + 7 * y, b.begin() + 7 * (y + 1));
    EXPECT_EQ(a, b) << image;
    pairs.insert(a);
  }
  EXPECT_GT(pairs.size(), 40u);
}

}  // namespace
}  // namespace nacre::train_internal
