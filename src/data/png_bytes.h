// The plainest PNG there is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nacre {

// 8-bit RGB from interleaved bytes [height, width, 3], stored without compression: the same bytes
// whatever the version of zlib, and no slower to write than to compress what is mostly noise. At
// most 65535 bytes of scan lines a block.
std::string PngBytes(int64_t height, int64_t width, const std::vector<uint8_t>& pixels);

}  // namespace nacre
