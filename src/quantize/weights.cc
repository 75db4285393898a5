#include "quantize/weights.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace nacre {
namespace {

// To the nearest integer, ties to even, for |value| < 2^22; unlike std::nearbyint it needs no call.
float Rounded(float value) {
  constexpr float kShift = 12582912.0f;  // 1.5 * 2^23: the sum's last bit is worth 1
  return (value + kShift) - kShift;
}

}  // namespace

QuantizedWeight QuantizeWeight(const Tensor& weight, int64_t axis, int bits) {
  if (bits < 2 || bits > 8) throw std::logic_error("weight_bits must be from 2 to 8");
  const float limit = static_cast<float>((1 << (bits - 1)) - 1);
  const Shape& shape = weight.shape();
  const int64_t channels = shape[axis];
  int64_t inner = 1;  // elements between neighbours along the axis
  for (size_t i = axis + 1; i < shape.size(); ++i) inner *= shape[i];
  const auto values = weight.floats();
  const int64_t runs = static_cast<int64_t>(values.size()) / inner;  // of one channel each

  std::vector<float> largest(channels, 0.0f);
  for (int64_t run = 0; run < runs; ++run) {
    float& most = largest[run % channels];
    for (int64_t i = run * inner; i < (run + 1) * inner; ++i)
      most = std::max(most, std::fabs(values[i]));
  }
  QuantizedWeight result;
  for (float most : largest) result.scales.push_back(most < 1e-20f ? 1.0f : most / limit);

  std::vector<int8_t> bytes(values.size());
  for (int64_t run = 0; run < runs; ++run) {
    const float inverse = 1 / result.scales[run % channels];
    for (int64_t i = run * inner; i < (run + 1) * inner; ++i) {
      const float scaled = std::clamp(values[i] * inverse, -limit, limit);
      bytes[i] = static_cast<int8_t>(Rounded(scaled));
    }
  }
  result.values = Tensor::Int8s(shape, bytes);
  return result;
}

}  // namespace nacre
