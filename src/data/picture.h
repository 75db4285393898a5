// A decoded picture of any size.
// Private to data/. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "base/expected.h"

namespace nacre::data_internal {

// Interleaved 8-bit RGB, [height, width, 3].
struct Picture {
  int64_t height = 0, width = 0;
  std::vector<uint8_t> pixels;
  bool clipped = false;  // grey of 16 bits, of which nearly everything is above 255
};

// A picture whose pixels are still to be filled in. Error (kData): it has none, or more than 100
// million.
Expected<Picture> MakePicture(int64_t height, int64_t width);

}  // namespace nacre::data_internal
