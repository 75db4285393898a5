#include "quantize/scale.h"

#include <algorithm>
#include <cmath>

namespace nacre::quantize_internal {
namespace {

// A factor of exactly 1 vanishes from the graph inside OpenVINO, which then no longer sees that the
// value is quantized and computes what reads it in float (decision 46). Bytes stay what they were.
constexpr float kNotOne = 1.0f + 0x1p-20f;

}  // namespace

Uint8Scale ScaleOf(Range range) {
  const double low = std::min(range.low, 0.0f);
  const double high = std::max(range.high, 0.0f);
  // Below this a scale's square, which the compiler may form, would be denormal.
  if (!(high - low > 1e-15)) return {1.0f / 255, 0};
  const double scale = (high - low) / 255;
  const double zero_point = std::clamp(std::nearbyint(-low / scale), 0.0, 255.0);
  const auto rounded = static_cast<float>(scale);
  return {rounded == 1 ? kNotOne : rounded, static_cast<uint8_t>(zero_point)};
}

}  // namespace nacre::quantize_internal
