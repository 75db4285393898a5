#include "data/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <turbojpeg.h>
#include <zlib.h>

#include "base/random.h"
#include "data/fit.h"
#include "data/png_bytes.h"

namespace nacre::data_internal {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Jpeg(const std::vector<uint8_t>& pixels, int height, int width, int format,
                 int sampling, int flags = 0) {
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const tjhandle handle = tjInitCompress();
  tjCompress2(handle, pixels.data(), width, 0, height, format, &bytes, &size, sampling, 95, flags);
  const std::string jpeg(reinterpret_cast<char*>(bytes), size);
  tjFree(bytes);
  tjDestroy(handle);
  return jpeg;
}

// Each pixel's red is its column times `step`.
Picture Ramp(int64_t height, int64_t width, int step) {
  Picture picture{.height = height, .width = width};
  for (int64_t i = 0; i < height * width; ++i) {
    picture.pixels.insert(picture.pixels.end(), {static_cast<uint8_t>(i % width * step), 7, 9});
  }
  return picture;
}

TEST(DecodePicture, ReadsPngExactly) {
  const Picture ramp = Ramp(5, 7, 30);
  const auto read = DecodePicture(PngBytes(5, 7, ramp.pixels));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->height, 5);
  EXPECT_EQ(read->width, 7);
  EXPECT_EQ(read->pixels, ramp.pixels);
}

TEST(DecodePicture, ReadsColorAndGreyJpeg) {
  std::vector<uint8_t> red;
  for (int i = 0; i < 64; ++i) red.insert(red.end(), {200, 40, 40});
  const auto color = DecodePicture(Jpeg(red, 8, 8, TJPF_RGB, TJSAMP_444));
  ASSERT_TRUE(color) << color.error().message;
  EXPECT_NEAR(color->pixels[0], 200, 3);
  EXPECT_NEAR(color->pixels[1], 40, 3);
  const auto grey = DecodePicture(Jpeg(std::vector<uint8_t>(64, 90), 8, 8, TJPF_GRAY, TJSAMP_GRAY));
  ASSERT_TRUE(grey) << grey.error().message;
  EXPECT_THAT(grey->pixels, Each(::testing::AllOf(::testing::Ge(88), ::testing::Le(92))));
  EXPECT_EQ(grey->pixels.size(), 192u);
}

TEST(DecodePicture, ReadsCmykJpeg) {
  std::vector<uint8_t> ink;  // inverted, as Adobe writes it: no cyan, some magenta and yellow
  for (int i = 0; i < 64; ++i) ink.insert(ink.end(), {255, 100, 50, 255});
  const auto read = DecodePicture(Jpeg(ink, 8, 8, TJPF_CMYK, TJSAMP_444));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_NEAR(read->pixels[0], 255, 4);
  EXPECT_NEAR(read->pixels[1], 100, 4);
  EXPECT_NEAR(read->pixels[2], 50, 4);
}

// Expected values: Pillow's cmyk2rgb (Convert.c) of 55, 155 and 205 of 255 with half the light.
TEST(DecodePicture, BlackDarkensTheInks) {
  std::vector<uint8_t> ink;
  for (int i = 0; i < 64; ++i) ink.insert(ink.end(), {200, 100, 50, 128});
  const auto read = DecodePicture(Jpeg(ink, 8, 8, TJPF_CMYK, TJSAMP_444));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_NEAR(read->pixels[0], 100, 4);
  EXPECT_NEAR(read->pixels[1], 50, 4);
  EXPECT_NEAR(read->pixels[2], 25, 4);
}

TEST(DecodePicture, AProgressiveJpegIsThePlainOne) {
  Picture ramp = Ramp(64, 64, 3);
  const std::string plain = Jpeg(ramp.pixels, 64, 64, TJPF_RGB, TJSAMP_420);
  const std::string progressive =
      Jpeg(ramp.pixels, 64, 64, TJPF_RGB, TJSAMP_420, TJFLAG_PROGRESSIVE);
  EXPECT_NE(plain, progressive);
  EXPECT_EQ(DecodePicture(plain)->pixels, DecodePicture(progressive)->pixels);
}

TEST(DecodePicture, RefusesTruncatedData) {
  Picture ramp = Ramp(64, 64, 3);
  Random random(1);
  for (uint8_t& pixel : ramp.pixels) pixel = static_cast<uint8_t>(random.Below(256));
  const std::string jpeg = Jpeg(ramp.pixels, 64, 64, TJPF_RGB, TJSAMP_420);
  EXPECT_TRUE(DecodePicture(jpeg));
  EXPECT_THAT(DecodePicture(jpeg.substr(0, jpeg.size() / 2)).error().message,
              HasSubstr("damaged JPEG"));
  const std::string png = PngBytes(64, 64, ramp.pixels);
  EXPECT_THAT(DecodePicture(png.substr(0, png.size() / 2)).error().message,
              HasSubstr("damaged PNG"));
  EXPECT_EQ(DecodePicture("").error().message, "empty file");
  EXPECT_EQ(DecodePicture("GIF89a").error().message, "neither JPEG nor PNG");
}

TEST(DecodePicture, RefusesAPictureThatIsABomb) {
  std::string png = PngBytes(1, 1, {1, 2, 3});
  png.replace(16, 8, std::string("\0\0\x40\0\0\0\x40\0", 8));  // width and height 16384
  const uint32_t checksum =
      static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(png.data()) + 12, 17));
  for (int i = 0; i < 4; ++i) png[29 + i] = static_cast<char>(checksum >> (24 - 8 * i));
  const auto read = DecodePicture(png);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "is 16384 x 16384: more than 100 megapixels");
}

TEST(FitPicture, LeavesTheRightSizeAlone) {
  const std::vector<uint8_t> fitted = FitPicture(Ramp(1, 4, 50), {.height = 1, .width = 4});
  EXPECT_THAT(fitted, ElementsAre(0, 50, 100, 150, 7, 7, 7, 7, 9, 9, 9, 9));
}

// Expected values: Pillow 13.0.0, Image.resize(..., Image.BILINEAR).
TEST(FitPicture, ScalesAsPillowDoes) {
  const auto half = FitPicture(Ramp(1, 8, 30), {.height = 1, .width = 4});
  EXPECT_THAT(std::vector<uint8_t>(half.begin(), half.begin() + 4), ElementsAre(21, 75, 135, 189));
  const auto twice = FitPicture(Ramp(1, 4, 60), {.height = 1, .width = 8});
  EXPECT_THAT(std::vector<uint8_t>(twice.begin(), twice.begin() + 8),
              ElementsAre(0, 15, 45, 75, 105, 135, 165, 180));
  const auto odd = FitPicture(Ramp(3, 7, 35), {.height = 2, .width = 3});
  EXPECT_THAT(std::vector<uint8_t>(odd.begin(), odd.begin() + 3), ElementsAre(30, 105, 180));
}

// Expected values: Pillow 13.0.0, Image.resize(..., Image.BICUBIC).
TEST(FitPicture, ScalesCubicallyAsPillowDoes) {
  const auto reds = [](int64_t width, int step, int64_t to) {
    const auto fitted = FitPicture(
        Ramp(1, width, step), {.height = 1, .width = to, .interpolation = Interpolation::kBicubic});
    return std::vector<uint8_t>(fitted.begin(), fitted.begin() + to);
  };
  EXPECT_THAT(reds(8, 30, 4), ElementsAre(16, 74, 136, 194));
  EXPECT_THAT(reds(4, 60, 8), ElementsAre(0, 10, 43, 75, 105, 137, 170, 185));
  EXPECT_THAT(reds(7, 35, 3), ElementsAre(25, 105, 185));
}

// Expected values: torchvision's Resize(12) and CenterCrop(9) of 31 x 20 pixels, by Pillow 13.0.0.
TEST(FitPicture, TheSideIsScaledBeforeTheCrop) {
  const Preprocess usual{.height = 9, .width = 9, .resize = ResizeMode::kCrop, .side = 12};
  const auto fitted = FitPicture(Ramp(20, 31, 8), usual);
  EXPECT_THAT(std::vector<uint8_t>(fitted.begin(), fitted.begin() + 9),
              ElementsAre(57, 72, 86, 99, 113, 127, 141, 154, 168));
  const auto upright = FitPicture(Ramp(31, 20, 8), usual);
  EXPECT_EQ(upright.size(), 9 * 9 * 3u);
}

TEST(FitPicture, HalfAPixelOfACropGoesToTheEvenOne) {
  const auto fitted =
      FitPicture(Ramp(9, 9, 20), {.height = 4, .width = 4, .resize = ResizeMode::kCrop, .side = 9});
  EXPECT_THAT(std::vector<uint8_t>(fitted.begin(), fitted.begin() + 4),
              ElementsAre(40, 60, 80, 100));
}

TEST(FitPicture, CropKeepsTheAspectAndTheMiddle) {
  const Preprocess crop{.height = 4, .width = 4, .resize = ResizeMode::kCrop};
  const auto fitted = FitPicture(Ramp(4, 8, 30), crop);
  EXPECT_THAT(std::vector<uint8_t>(fitted.begin(), fitted.begin() + 4),
              ElementsAre(60, 90, 120, 150));
  EXPECT_EQ(FitPicture(Ramp(9, 4, 60), crop).size(), 48u);
}

}  // namespace
}  // namespace nacre::data_internal
