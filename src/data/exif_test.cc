#include "data/exif.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace nacre::data_internal {
namespace {

using testing::ElementsAre;

// The head of a JPEG whose EXIF data have one entry, the orientation.
std::string Jpeg(char orientation, bool little) {
  std::string exif("Exif\0\0", 6);
  if (little) {
    exif += std::string("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18);
    exif += std::string({orientation, 0, 0, 0});
  } else {
    exif += std::string("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01", 18);
    exif += std::string({0, orientation, 0, 0});
  }
  const auto length = static_cast<char>(exif.size() + 2);
  std::string jpeg(
      "\xFF\xD8\xFF\xE0\0\x04"
      "zz\xFF\xE1\0",
      11);
  return jpeg + length + exif + std::string("\xFF\xDA", 2);
}

TEST(ExifOrientation, IsReadInBothOrdersOfBytesBehindOtherSegments) {
  for (const char orientation : {1, 3, 6, 8}) {
    EXPECT_EQ(ExifOrientation(Jpeg(orientation, true)), orientation);
    EXPECT_EQ(ExifOrientation(Jpeg(orientation, false)), orientation);
  }
}

TEST(ExifOrientation, IsUprightWhereNothingSensibleIsSaid) {
  EXPECT_EQ(ExifOrientation(""), 1);
  EXPECT_EQ(ExifOrientation("\x89PNG"), 1);
  EXPECT_EQ(ExifOrientation(Jpeg(0, true)), 1);
  EXPECT_EQ(ExifOrientation(Jpeg(9, true)), 1);
  const std::string jpeg = Jpeg(6, true);
  for (size_t length = 0; length + 12 < jpeg.size(); ++length)  // cut off anywhere
    EXPECT_EQ(ExifOrientation(jpeg.substr(0, length)), 1) << length;
}

// Two rows of three pixels, 0 to 5, each of them in all channels.
Picture Six() {
  Picture picture{.height = 2, .width = 3};
  for (uint8_t i = 0; i < 6; ++i) picture.pixels.insert(picture.pixels.end(), {i, i, i});
  return picture;
}

std::vector<int> Shown(int orientation) {
  const Picture upright = Upright(Six(), orientation);
  EXPECT_EQ(upright.width, orientation >= 5 ? 2 : 3);
  std::vector<int> values;
  for (size_t i = 0; i < upright.pixels.size(); i += 3) values.push_back(upright.pixels[i]);
  return values;
}

// The right values are those of Pillow's ImageOps.exif_transpose.
TEST(Upright, TurnsAndMirrorsAsExifSays) {
  EXPECT_THAT(Shown(1), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(Shown(2), ElementsAre(2, 1, 0, 5, 4, 3));
  EXPECT_THAT(Shown(3), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(Shown(4), ElementsAre(3, 4, 5, 0, 1, 2));
  EXPECT_THAT(Shown(5), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(Shown(6), ElementsAre(3, 0, 4, 1, 5, 2));
  EXPECT_THAT(Shown(7), ElementsAre(5, 2, 4, 1, 3, 0));
  EXPECT_THAT(Shown(8), ElementsAre(2, 5, 1, 4, 0, 3));
}

}  // namespace
}  // namespace nacre::data_internal
