// Image files of one colour, for tests of what reads folders.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "data/image_set.h"
#include "data/png_bytes.h"

namespace nacre {

inline void WriteFile(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

// 4 x 4, all pixels (red, green, blue).
inline std::string Plain(uint8_t red, uint8_t green, uint8_t blue) {
  std::vector<uint8_t> pixels;
  for (int i = 0; i < 16; ++i) pixels.insert(pixels.end(), {red, green, blue});
  return PngBytes(4, 4, pixels);
}

inline std::vector<uint8_t> Pixels(const ImageSet& set, int64_t image) {
  std::vector<uint8_t> pixels(static_cast<size_t>(set.image_bytes()));
  const auto read = set.source->Read(image, pixels);
  EXPECT_TRUE(read) << read.error().message;
  return pixels;
}

}  // namespace nacre
