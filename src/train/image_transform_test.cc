#include "train/image_transform.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace nacre::train_internal {
namespace {

TEST(DrawTransform, IsAFunctionOfItsArgumentsAndStaysInRange) {
  const Augmentation augmentation{.flip = true, .shift = 3, .cutout = 4};
  std::set<int64_t> shifts;
  int flips = 0;
  for (int64_t image = 0; image < 400; ++image) {
    const ImageTransform a = DrawTransform(augmentation, 7, image, 1, 32, 32);
    const ImageTransform b = DrawTransform(augmentation, 7, image, 1, 32, 32);
    EXPECT_EQ(a.dx, b.dx);
    EXPECT_EQ(a.flip, b.flip);
    EXPECT_EQ(a.cut_y, b.cut_y);
    shifts.insert(a.dx);
    flips += a.flip;
  }
  EXPECT_EQ(shifts, (std::set<int64_t>{-3, -2, -1, 0, 1, 2, 3}));
  EXPECT_NEAR(flips, 200, 50);
}

TEST(DrawTransform, FlipsEveryOtherVariant) {
  int first = 0;
  for (int64_t image = 0; image < 400; ++image) {
    const bool flipped = DrawTransform({}, 7, image, 0, 32, 32).flip;
    for (int64_t variant = 1; variant < 5; ++variant) {
      EXPECT_EQ(DrawTransform({}, 7, image, variant, 32, 32).flip, flipped == (variant % 2 == 0));
    }
    first += flipped;
  }
  EXPECT_NEAR(first, 200, 50);
}

TEST(DrawTransform, DiffersBetweenVariantsSeedsAndImages) {
  const Augmentation augmentation{.flip = true, .shift = 100, .cutout = 4};
  auto key = [&](uint64_t seed, int64_t image, int64_t variant) {
    const ImageTransform p = DrawTransform(augmentation, seed, image, variant, 32, 32);
    return std::vector<int64_t>{p.dx, p.dy, p.cut_x, p.cut_y};
  };
  EXPECT_NE(key(0, 0, 0), key(0, 0, 1));
  EXPECT_NE(key(0, 0, 0), key(0, 1, 0));
  EXPECT_NE(key(0, 0, 0), key(1, 0, 0));
}

TEST(DrawTransform, BlendsTheShareThatIsAskedForWithUpToHalfOfTheWeight) {
  int64_t blended = 0;
  for (int64_t image = 0; image < 400; ++image) {
    const ImageTransform p = DrawTransform({.mix = 0.3}, 1, image, 0, 8, 8);
    const ImageTransform plain = DrawTransform({}, 1, image, 0, 8, 8);
    EXPECT_GE(p.weight, 0);
    EXPECT_LE(p.weight, 0.5f);
    EXPECT_EQ(p.dx, plain.dx);
    EXPECT_EQ(plain.weight, 0);
    blended += p.weight > 0;
  }
  EXPECT_NEAR(static_cast<double>(blended), 120, 40);
}

TEST(DrawTransform, DoesNothingWhenAskedForNothing) {
  for (int64_t image = 0; image < 50; ++image) {
    const ImageTransform p = DrawTransform({.flip = false, .shift = 0}, 1, image, 0, 8, 8);
    EXPECT_FALSE(p.flip);
    EXPECT_EQ(p.dx, 0);
    EXPECT_EQ(p.dy, 0);
  }
}

// A blend is of whatever image the number says; it must not always be the same one.
TEST(DrawTransform, BlendsDifferentImagesIn) {
  std::set<uint64_t> others;
  for (int64_t image = 0; image < 100; ++image)
    others.insert(DrawTransform({.mix = 1}, 1, image, 0, 8, 8).other % 10);
  EXPECT_EQ(others.size(), 10u);
}

TEST(DrawTransform, CutsAnywhereThatTheSquareStillTouchesTheImage) {
  const Augmentation augmentation{.cutout = 4};
  std::set<int64_t> corners;
  for (int64_t image = 0; image < 500; ++image)
    corners.insert(DrawTransform(augmentation, 1, image, 0, 8, 8).cut_x);
  EXPECT_EQ(*corners.begin(), -2);
  EXPECT_EQ(*corners.rbegin(), 5);
  EXPECT_EQ(corners.size(), 8u);
}

}  // namespace
}  // namespace nacre::train_internal
