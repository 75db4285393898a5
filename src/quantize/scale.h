// One range to one u8 scale and zero point. Internal to quantize/.
#pragma once

#include <cstdint>

#include "quantize/quantize.h"

namespace nacre {

struct Uint8Scale {
  float scale = 1;         // positive, never denormal
  uint8_t zero_point = 0;  // 0 when the range has no negative part
};

// The range is widened to contain 0; an empty one is treated as [0, 1]. Zero is exact: it is
// `zero_point`.
Uint8Scale ScaleOf(Range range);

}  // namespace nacre
