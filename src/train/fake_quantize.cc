#include "train/fake_quantize.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace nacre::train_internal {
namespace {

constexpr int64_t kLevels = 255;          // of an activation, above the lowest
constexpr double kSmallestScale = 1e-12;  // of a range or a channel that holds zeros only

struct Affine {
  at::Tensor scale, zero;  // [1], floats
};

// The quantizer that represents the range, and 0 exactly.
Affine FitRange(const at::Tensor& low, const at::Tensor& high) {
  const at::Tensor bottom = low.clamp_max(0);
  const at::Tensor top = high.clamp_min(0);
  const at::Tensor scale =
      (top - bottom).div(static_cast<double>(kLevels)).clamp_min(kSmallestScale);
  return {scale, (-bottom / scale).round()};
}

void Observe(const at::Tensor& x, at::Tensor& low, at::Tensor& high) {
  const at::NoGradGuard no_grad;
  low.copy_(at::minimum(low, x.min()));
  high.copy_(at::maximum(high, x.max()));
}

}  // namespace

Apply ActivationQuantizer(const QuantizedActivation& slots) {
  return [=](Frame& frame) {
    auto& values = frame.values;
    const at::Tensor& x = values[slots.x];
    if (frame.mode.observe) Observe(x, values[slots.low], values[slots.high]);
    if (frame.mode.observe || !values[slots.low].isfinite().item<bool>()) {
      values[slots.y] = x;  // no range yet
      return;
    }
    const Affine affine = FitRange(values[slots.low], values[slots.high]);
    values[slots.y] = at::_fake_quantize_learnable_per_tensor_affine(
        x, affine.scale * values[slots.factor].exp(), affine.zero, 0, kLevels);
  };
}

std::pair<float, float> LearnedRange(const at::Tensor& low, const at::Tensor& high,
                                     const at::Tensor& factor) {
  const Affine affine = FitRange(low, high);
  const float scale = affine.scale.item<float>() * factor.detach().exp().item<float>();
  const float zero = affine.zero.item<float>();
  return {-zero * scale, (static_cast<float>(kLevels) - zero) * scale};
}

at::Tensor FakeQuantizeWeight(const at::Tensor& weight, const at::Tensor& factor, int64_t axis,
                              int bits) {
  const int64_t most = (int64_t{1} << (bits - 1)) - 1;
  std::vector<int64_t> others;
  for (int64_t i = 0; i < weight.dim(); ++i) {
    if (i != axis) others.push_back(i);
  }
  const at::Tensor scale = at::amax(weight.detach().abs(), others)
                               .div_(static_cast<double>(most))
                               .clamp_min_(kSmallestScale);
  if (factor.defined()) {
    // The value is bounded and its gradient is not, so that a factor above 0 can come back.
    const at::Tensor bounded = factor - factor.detach().clamp_min(0);
    return at::_fake_quantize_learnable_per_channel_affine(
        weight, scale * bounded.exp(), at::zeros_like(scale), axis, -most, most);
  }
  return at::fake_quantize_per_channel_affine(weight, scale, at::zeros(scale.sizes(), at::kInt),
                                              axis, -most, most);
}

}  // namespace nacre::train_internal
