// A decoded picture of any size.
// Private to data/. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

namespace nacre::data_internal {

// Interleaved 8-bit RGB, [height, width, 3].
struct Picture {
  int64_t height = 0, width = 0;
  std::vector<uint8_t> pixels;
};

}  // namespace nacre::data_internal
