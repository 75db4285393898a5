// Expected values: Pillow 13.0.0, numpy.asarray(Image.open(file).convert("RGB")), of the same
// files.
#include "data/decode_png.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "data/decode.h"

namespace nacre::data_internal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string BigEndian(uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

std::string Chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const auto sum =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return BigEndian(static_cast<uint32_t>(data.size())) + body +
         BigEndian(static_cast<uint32_t>(sum));
}

enum Color : char { kGrey = 0, kRgb = 2, kPalette = 3, kGreyAlpha = 4, kRgba = 6 };

// One row of `width` pixels. `more`: chunks before the pixels.
std::string Row(uint32_t width, char depth, Color color, const std::string& row,
                const std::string& more = "") {
  const std::string raw = std::string(1, '\0') + row;
  std::string packed(compressBound(raw.size()), '\0');
  uLongf size = packed.size();
  compress(reinterpret_cast<Bytef*>(packed.data()), &size,
           reinterpret_cast<const Bytef*>(raw.data()), raw.size());
  packed.resize(size);
  return "\x89PNG\r\n\x1a\n" +
         Chunk("IHDR", BigEndian(width) + BigEndian(1) + depth + static_cast<char>(color) +
                           std::string(3, '\0')) +
         more + Chunk("IDAT", packed) + Chunk("IEND", "");
}

constexpr uint16_t kDeep[] = {0, 1, 127, 128, 255, 256, 0x1234, 0x80ff, 0xffff};

// Each of kDeep as `repeat` samples and `alpha` after them.
std::string Deep(int repeat, const std::string& alpha = "") {
  std::string row;
  for (const uint16_t value : kDeep) {
    for (int i = 0; i < repeat; ++i)
      row += {static_cast<char>(value >> 8), static_cast<char>(value)};
    row += alpha;
  }
  return row;
}

std::vector<int> Reds(const std::string& png) {
  const auto picture = DecodePicture(png);
  EXPECT_TRUE(picture) << picture.error().message;
  std::vector<int> reds;
  for (size_t i = 0; picture && i < picture->pixels.size(); i += 3)
    reds.push_back(picture->pixels[i]);
  return reds;
}

TEST(DecodePng, OfDeepColorsTheUpperBitsCount) {
  EXPECT_THAT(Reds(Row(9, 16, kRgb, Deep(3))), ElementsAre(0, 0, 0, 0, 0, 1, 18, 128, 255));
  EXPECT_THAT(Reds(Row(9, 16, kGreyAlpha, Deep(1, "\xff\xff"))),
              ElementsAre(0, 0, 0, 0, 0, 1, 18, 128, 255));
  EXPECT_THAT(Reds(Row(9, 16, kRgba, Deep(3, "\x01\x2c"))),
              ElementsAre(0, 0, 0, 0, 0, 1, 18, 128, 255));
}

TEST(DecodePng, DeepGreyIsCutOffAndSaidToBe) {
  const std::string png = Row(9, 16, kGrey, Deep(1));
  EXPECT_THAT(Reds(png), ElementsAre(0, 1, 127, 128, 255, 255, 255, 255, 255));
  EXPECT_TRUE(DecodePng(png)->clipped);
  EXPECT_FALSE(DecodePng(Row(9, 16, kRgb, Deep(3)))->clipped);
}

TEST(DecodePng, GreyOfFewBitsIsSpread) {
  EXPECT_THAT(Reds(Row(9, 1, kGrey, "\xaa\x80")), ElementsAre(255, 0, 255, 0, 255, 0, 255, 0, 255));
  EXPECT_THAT(Reds(Row(9, 2, kGrey, "\x1b\x1b\x40")),
              ElementsAre(0, 85, 170, 255, 0, 85, 170, 255, 85));
  EXPECT_THAT(Reds(Row(9, 4, kGrey, "\x01\x23\x45\x67\x80")),
              ElementsAre(0, 17, 34, 51, 68, 85, 102, 119, 136));
}

TEST(DecodePng, GammaIsPassedOver) {
  const std::string gamma = Chunk("gAMA", BigEndian(100000));
  EXPECT_THAT(Reds(Row(3, 8, kGrey, "\x0a\x64\xc8", gamma)), ElementsAre(10, 100, 200));
  EXPECT_THAT(Reds(Row(9, 16, kRgb, Deep(3), gamma)), ElementsAre(0, 0, 0, 0, 0, 1, 18, 128, 255));
}

TEST(DecodePng, TransparencyIsDropped) {
  EXPECT_THAT(Reds(Row(2, 8, kRgba, std::string("\x0a\x14\x1e\0\xc8\x14\x1e\x80", 8))),
              ElementsAre(10, 200));
  EXPECT_THAT(Reds(Row(2, 8, kGreyAlpha, std::string("\x0a\0\xc8\x80", 4))), ElementsAre(10, 200));
  const std::string clear_grey = Chunk("tRNS", std::string("\0\x0a", 2));
  EXPECT_THAT(Reds(Row(2, 8, kGrey, "\x0a\xc8", clear_grey)), ElementsAre(10, 200));
}

TEST(DecodePng, PalettesAreLookedUp) {
  const std::string palette = Chunk("PLTE", std::string("\x01\x02\x03\xc8\x64\x32", 6));
  const std::string row("\0\1\1", 3);
  EXPECT_THAT(Reds(Row(3, 8, kPalette, row, palette)), ElementsAre(1, 200, 200));
  EXPECT_THAT(Reds(Row(3, 8, kPalette, row, palette + Chunk("tRNS", std::string("\0", 1)))),
              ElementsAre(1, 200, 200));
  EXPECT_THAT(Reds(Row(3, 1, kPalette, "\x60", palette)), ElementsAre(1, 200, 200));
}

TEST(DecodePng, SaysWhatIsWrong) {
  const std::string good = Row(9, 16, kRgb, Deep(3));
  EXPECT_THAT(DecodePng(good.substr(0, 20)).error().message, HasSubstr("not a readable PNG"));
  EXPECT_THAT(DecodePng(good.substr(0, good.size() - 40)).error().message,
              HasSubstr("damaged PNG: the file ends too early"));
  std::string changed = good;
  changed[50] ^= 1;
  EXPECT_FALSE(DecodePng(changed));
}

}  // namespace
}  // namespace nacre::data_internal
