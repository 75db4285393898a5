#include "data/exif.h"

#include <cstdint>
#include <cstring>

namespace nacre::data_internal {
namespace {

// Numbers of a TIFF header, in its own order of bytes; 0 where the bytes end.
class Tiff {
 public:
  explicit Tiff(std::string_view bytes) : bytes_(bytes), little_(bytes.starts_with("II")) {}

  bool IsTiff() const {
    return (bytes_.starts_with("II") || bytes_.starts_with("MM")) && Number(2, 2) == 42;
  }
  uint32_t Number(size_t at, size_t size) const {
    uint32_t number = 0;
    for (size_t i = 0; i < size; ++i) {
      const size_t place = at + (little_ ? size - 1 - i : i);
      if (place >= bytes_.size()) return 0;
      number = number << 8 | static_cast<uint8_t>(bytes_[place]);
    }
    return number;
  }

 private:
  std::string_view bytes_;
  bool little_;
};

// Of the first directory.
int OrientationIn(std::string_view exif) {
  constexpr uint32_t kTag = 0x0112;
  constexpr size_t kEntry = 12;
  const Tiff tiff(exif);
  if (!tiff.IsTiff()) return 1;
  const size_t directory = tiff.Number(4, 4);
  const size_t entries = tiff.Number(directory, 2);
  for (size_t i = 0; i < entries; ++i) {
    const size_t at = directory + 2 + i * kEntry;
    if (tiff.Number(at, 2) != kTag) continue;
    const uint32_t value = tiff.Number(at + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

// The pixel of the stored picture that is at (row, column) of the upright one.
struct Place {
  int64_t row, column;
};

Place Source(int orientation, int64_t row, int64_t column, const Picture& stored) {
  const int64_t bottom = stored.height - 1, right = stored.width - 1;
  switch (orientation) {
    case 2:
      return {row, right - column};
    case 3:
      return {bottom - row, right - column};
    case 4:
      return {bottom - row, column};
    case 5:
      return {column, row};
    case 6:
      return {bottom - column, row};
    case 7:
      return {bottom - column, right - row};
    case 8:
      return {column, right - row};
    default:
      return {row, column};
  }
}

}  // namespace

int ExifOrientation(std::string_view bytes) {
  if (!bytes.starts_with("\xFF\xD8")) return 1;
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(bytes[at]); };
  constexpr std::string_view kExif("Exif\0\0", 6);
  constexpr int kScan = 0xDA, kApplication1 = 0xE1;
  for (size_t at = 2; at + 4 <= bytes.size() && byte(at) == 0xFF && byte(at + 1) != kScan;) {
    const size_t length = static_cast<size_t>(byte(at + 2)) << 8 | byte(at + 3);
    const std::string_view segment = bytes.substr(at + 4, length < 2 ? 0 : length - 2);
    if (byte(at + 1) == kApplication1 && segment.starts_with(kExif))
      return OrientationIn(segment.substr(kExif.size()));
    at += 2 + length;
  }
  return 1;
}

Picture Upright(Picture picture, int orientation) {
  if (orientation <= 1 || orientation > 8) return picture;
  const bool turned = orientation >= 5;
  Picture upright{.height = turned ? picture.width : picture.height,
                  .width = turned ? picture.height : picture.width,
                  .pixels = std::vector<uint8_t>(picture.pixels.size())};
  for (int64_t row = 0; row < upright.height; ++row) {
    for (int64_t column = 0; column < upright.width; ++column) {
      const Place from = Source(orientation, row, column, picture);
      std::memcpy(
          &upright.pixels[static_cast<size_t>(3 * (row * upright.width + column))],
          &picture.pixels[static_cast<size_t>(3 * (from.row * picture.width + from.column))], 3);
    }
  }
  return upright;
}

}  // namespace nacre::data_internal
