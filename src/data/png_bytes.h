// The simplest PNG encoder. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nacre {

// 8-bit RGB from interleaved bytes [height, width, 3], stored without compression: the bytes are
// the same with any version of zlib, and images that are mostly noise hardly compress anyway.
std::string PngBytes(int64_t height, int64_t width, const std::vector<uint8_t>& pixels);

}  // namespace nacre
