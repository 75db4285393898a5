#include "data/placement.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace nacre {
namespace {

Preprocess Into(int64_t height, int64_t width, ResizeMode resize, int64_t side = 0) {
  Preprocess preprocess;
  preprocess.height = height;
  preprocess.width = width;
  preprocess.resize = resize;
  preprocess.side = side;
  return preprocess;
}

TEST(Placement, StretchScalesBothSides) {
  const Placement place = PlaceInInput({640, 480}, Into(300, 320, ResizeMode::kStretch));
  EXPECT_EQ(place.ToInput({0, 0, 640, 480}), (Box{0, 0, 320, 300}));
  EXPECT_EQ(place.ToInput({64, 48, 128, 96}), (Box{32, 30, 64, 60}));
  EXPECT_EQ(place.ToSource({32, 30, 64, 60}), (Box{64, 48, 128, 96}));
}

TEST(Placement, CropCutsTheCentreOut) {
  // 640 x 480 is scaled to 320 x 240, of which 224 x 224 are cut out at (48, 8).
  const Placement place = PlaceInInput({640, 480}, Into(224, 224, ResizeMode::kCrop, 240));
  EXPECT_EQ(place.scaled, (PictureSize{320, 240}));
  EXPECT_EQ(place.ToInput({96, 16, 544, 464}), (Box{0, 0, 224, 224}));
  EXPECT_EQ(place.ToInput({0, 0, 640, 480}), (Box{-48, -8, 272, 232}));
  EXPECT_EQ(place.ToSource({0, 0, 224, 224}), (Box{96, 16, 544, 464}));
}

TEST(Placement, CropWithoutASideCovers) {
  const Placement tall = PlaceInInput({100, 200}, Into(50, 50, ResizeMode::kCrop));
  EXPECT_EQ(tall.scaled, (PictureSize{50, 100}));
  EXPECT_EQ(tall.left, 0);
  EXPECT_EQ(tall.top, 25);
}

TEST(Placement, SidesOfZeroThrow) {
  EXPECT_THROW(PlaceInInput({0, 4}, Into(4, 4, ResizeMode::kStretch)), std::logic_error);
  EXPECT_THROW(PlaceInInput({4, 4}, Into(0, 4, ResizeMode::kStretch)), std::logic_error);
}

}  // namespace
}  // namespace nacre
