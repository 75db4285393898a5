#include "quantize/scale.h"

#include <algorithm>
#include <cmath>

namespace nacre::quantize_internal {

Uint8Scale ScaleOf(Range range) {
  const double low = std::min(range.low, 0.0f);
  const double high = std::max(range.high, 0.0f);
  // Below this a scale's square, which the compiler may form, would be denormal.
  if (!(high - low > 1e-15)) return {1.0f / 255, 0};
  const double scale = (high - low) / 255;
  const double zero_point = std::clamp(std::nearbyint(-low / scale), 0.0, 255.0);
  return {static_cast<float>(scale), static_cast<uint8_t>(zero_point)};
}

}  // namespace nacre::quantize_internal
