#include "quantize/weights.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

namespace nacre::quantize_internal {
namespace {

// Channels with a smaller maximum hold zeros for all purposes; a scale for them would be denormal.
constexpr float kLeastMaximum = 1e-20f;

// To the nearest integer, ties to even, for |value| < 2^22; unlike std::nearbyint it needs no call.
float Rounded(float value) {
  constexpr float kShift = 12582912.0f;  // 1.5 * 2^23: the sum's last bit is worth 1
  return (value + kShift) - kShift;
}

// A row-major tensor as runs of `inner` elements of one channel each; run r is of channel
// r % channels.
struct Runs {
  int64_t channels = 0, inner = 1, count = 0;

  Runs(const Tensor& tensor, int64_t axis) : channels(tensor.shape()[axis]) {
    const Shape& shape = tensor.shape();
    for (size_t i = axis + 1; i < shape.size(); ++i) inner *= shape[i];
    count = tensor.count() / inner;
  }
};

std::vector<float> LargestOfChannels(std::span<const float> values, const Runs& runs) {
  std::vector<float> largest(runs.channels, 0.0f);
  for (int64_t run = 0; run < runs.count; ++run) {
    float& most = largest[run % runs.channels];
    for (const float value : values.subspan(run * runs.inner, runs.inner))
      most = std::max(most, std::fabs(value));
  }
  return largest;
}

}  // namespace

QuantizedWeight QuantizeWeight(const Tensor& weight, int64_t axis, int bits) {
  if (bits < 2 || bits > 8) throw std::logic_error("weight_bits must be from 2 to 8");
  const float limit = static_cast<float>((1 << (bits - 1)) - 1);
  const auto values = weight.floats();
  const Runs runs(weight, axis);
  QuantizedWeight result;
  for (const float most : LargestOfChannels(values, runs))
    result.scales.push_back(most < kLeastMaximum ? 1.0f : most / limit);

  std::vector<int8_t> bytes(values.size());
  for (int64_t run = 0; run < runs.count; ++run) {
    const float inverse = 1 / result.scales[run % runs.channels];
    for (int64_t i = run * runs.inner; i < (run + 1) * runs.inner; ++i) {
      const float scaled = std::clamp(values[i] * inverse, -limit, limit);
      bytes[i] = static_cast<int8_t>(Rounded(scaled));
    }
  }
  result.values = Tensor::Int8s(weight.shape(), bytes);
  return result;
}

}  // namespace nacre::quantize_internal
