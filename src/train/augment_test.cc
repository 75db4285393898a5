#include "train/augment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace nacre {
namespace {

// One grey image, pixel value = 10 * row + column.
ImageSet Ramp(int64_t height, int64_t width) {
  ImageSet set;
  set.channels = 1;
  set.preprocess.height = height;
  set.preprocess.width = width;
  set.preprocess.scale = 1;
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) set.pixels.push_back(static_cast<uint8_t>(10 * y + x));
  }
  set.labels = {0};
  set.classes = {"only"};
  return set;
}

std::vector<float> Written(const ImageSet& set, const Placement& placement, int64_t cutout = 0) {
  std::vector<float> out(set.image_bytes(), -1);
  Normalizer(set).Write(0, placement, cutout, out.data());
  return out;
}

TEST(Normalizer, AppliesScaleMeanAndDeviationWithChannelsFastest) {
  ImageSet set;
  set.channels = 2;
  set.preprocess = {.height = 1, .width = 2, .scale = 2, .mean = {1, 2}, .std = {1, 4}};
  set.pixels = {2, 4, 20, 36};
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

TEST(Normalizer, CutsAWindowClippedToTheImage) {
  const auto out = Written(Ramp(3, 3), {.cut_x = 2, .cut_y = -1}, 2);
  EXPECT_EQ(out, (std::vector<float>{0, 1, 0, 10, 11, 12, 20, 21, 22}));
}

TEST(Normalizer, RejectsPixelsThatDoNotFit) {
  ImageSet set = Ramp(2, 2);
  set.pixels.pop_back();
  EXPECT_THROW(Normalizer{set}, std::logic_error);
}

TEST(Place, IsAFunctionOfItsArgumentsAndStaysInRange) {
  const Augmentation augmentation{.flip = true, .shift = 3, .cutout = 4};
  std::set<int64_t> shifts;
  int flips = 0;
  for (int64_t image = 0; image < 400; ++image) {
    const Placement a = Place(augmentation, 7, image, 1, 32, 32),
                    b = Place(augmentation, 7, image, 1, 32, 32);
    EXPECT_EQ(a.dx, b.dx);
    EXPECT_EQ(a.flip, b.flip);
    EXPECT_EQ(a.cut_y, b.cut_y);
    shifts.insert(a.dx);
    flips += a.flip;
  }
  EXPECT_EQ(shifts, (std::set<int64_t>{-3, -2, -1, 0, 1, 2, 3}));
  EXPECT_NEAR(flips, 200, 50);
}

TEST(Place, FlipsEveryOtherVariant) {
  int first = 0;
  for (int64_t image = 0; image < 400; ++image) {
    const bool flipped = Place({}, 7, image, 0, 32, 32).flip;
    for (int64_t variant = 1; variant < 5; ++variant) {
      EXPECT_EQ(Place({}, 7, image, variant, 32, 32).flip, flipped == (variant % 2 == 0));
    }
    first += flipped;
  }
  EXPECT_NEAR(first, 200, 50);
}

TEST(Place, MirrorsEveryOtherVariantWhereThatIsAskedFor) {
  const ImageSet set = Ramp(5, 7);
  const Augmentation augmentation{.mirrored = true, .shift = 3, .cutout = 3};
  std::set<std::vector<float>> pairs;
  for (int64_t image = 0; image < 50; ++image) {
    const Placement one = Place(augmentation, 7, image, 4, 5, 7),
                    other = Place(augmentation, 7, image, 5, 5, 7);
    EXPECT_NE(one.flip, other.flip);
    const std::vector<float> a = Written(set, one, 3);
    std::vector<float> b = Written(set, other, 3);
    for (int64_t y = 0; y < 5; ++y) std::reverse(b.begin() + 7 * y, b.begin() + 7 * (y + 1));
    EXPECT_EQ(a, b) << image;
    pairs.insert(a);
  }
  EXPECT_GT(pairs.size(), 40u);
}

TEST(Place, DiffersBetweenVariantsSeedsAndImages) {
  const Augmentation augmentation{.flip = true, .shift = 100, .cutout = 4};
  auto key = [&](uint64_t seed, int64_t image, int64_t variant) {
    const Placement p = Place(augmentation, seed, image, variant, 32, 32);
    return std::vector<int64_t>{p.dx, p.dy, p.cut_x, p.cut_y};
  };
  EXPECT_NE(key(0, 0, 0), key(0, 0, 1));
  EXPECT_NE(key(0, 0, 0), key(0, 1, 0));
  EXPECT_NE(key(0, 0, 0), key(1, 0, 0));
}

TEST(Place, BlendsTheShareThatIsAskedForWithUpToHalfOfTheWeight) {
  int64_t blended = 0;
  for (int64_t image = 0; image < 400; ++image) {
    const Placement p = Place({.mix = 0.3}, 1, image, 0, 8, 8),
                    plain = Place({}, 1, image, 0, 8, 8);
    EXPECT_GE(p.weight, 0);
    EXPECT_LE(p.weight, 0.5f);
    EXPECT_EQ(p.dx, plain.dx);
    EXPECT_EQ(plain.weight, 0);
    blended += p.weight > 0;
  }
  EXPECT_NEAR(static_cast<double>(blended), 120, 40);
}

TEST(Place, DoesNothingWhenAskedForNothing) {
  for (int64_t image = 0; image < 50; ++image) {
    const Placement p = Place({.flip = false, .shift = 0}, 1, image, 0, 8, 8);
    EXPECT_FALSE(p.flip);
    EXPECT_EQ(p.dx, 0);
    EXPECT_EQ(p.dy, 0);
  }
}

}  // namespace
}  // namespace nacre
