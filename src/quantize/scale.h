// One range to one u8 scale and zero point. Private to quantize/.
#pragma once

#include <cstdint>

#include "quantize/quantize.h"

namespace nacre::quantize_internal {

struct Uint8Scale {
  float scale = 1;         // positive, never denormal; of a range never exactly 1
  uint8_t zero_point = 0;  // 0 when the range has no negative part
};

// The range is widened to contain 0, which becomes exactly `zero_point`; an empty range is treated
// as [0, 1].
Uint8Scale ScaleOf(Range range);

}  // namespace nacre::quantize_internal
