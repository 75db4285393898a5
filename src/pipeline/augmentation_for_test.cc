#include "pipeline/augmentation_for.h"

#include <gtest/gtest.h>

namespace nacre {
namespace {

TEST(AugmentationFor, ShiftAndCutoutGrowWithTheImages) {
  const Augmentation small = AugmentationFor({}, 32), large = AugmentationFor({}, 224);
  EXPECT_TRUE(small.flip && small.mirrored);
  EXPECT_EQ(small.shift, 4);
  EXPECT_EQ(small.cutout, 12);
  EXPECT_EQ(large.shift, 28);
  EXPECT_EQ(large.cutout, 84);
  EXPECT_EQ(large.zoom + large.color, 0);
}

TEST(AugmentationFor, WhatIsAskedForIsDoneAndNothingElse) {
  RunConfig config;
  config.augmentation = AugmentationKinds{};
  const Augmentation none = AugmentationFor(config, 224);
  EXPECT_FALSE(none.flip || none.mirrored);
  EXPECT_EQ(none.shift + none.cutout, 0);
  EXPECT_EQ(none.zoom + none.color, 0);
  EXPECT_EQ(Describe(none), "none");
  config.augmentation = AugmentationKinds{.shift = true, .color = true};
  const Augmentation some = AugmentationFor(config, 160);
  EXPECT_EQ(some.shift, 20);
  EXPECT_GT(some.color, 0);
  EXPECT_FALSE(some.flip);
}

TEST(Describe, SaysWhatIsVaried) {
  EXPECT_EQ(Describe({.flip = true, .shift = 4, .cutout = 12}),
            "flip, shift by up to 4 pixels, cutout of 12 pixels");
  EXPECT_EQ(Describe({.flip = false, .zoom = 0.5, .color = 0.2}),
            "windows of 50 to 100 % of a side, brightness and contrast by up to 20 %");
}

}  // namespace
}  // namespace nacre
