#include <ATen/ATen.h>

#include "train/operators.h"

namespace nacre::train_internal {
namespace {

// One number for all, or one a channel along `axis`.
at::Tensor Along(const at::Tensor& numbers, int64_t axis, const at::Tensor& x) {
  const at::Tensor values = numbers.to(at::kFloat);
  if (values.numel() == 1) return values.reshape({});
  std::vector<int64_t> shape(static_cast<size_t>(x.dim()), 1);
  shape.at(static_cast<size_t>(Wrap(axis, x.dim()))) = values.numel();
  return values.reshape(shape);
}

// The quantised numbers stay floats, and the gradient passes as if nothing were rounded; what is
// clipped has none.
Expected<Apply> LowerQuantize(const NodeView& view) {
  const int64_t axis = view.node.Int("axis", 1);
  const int x = view.In(0), scale = view.In(1), zero = view.In(2), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor input = AsFloat(frame.values[x]);
    const bool is_signed = zero >= 0 && frame.values[zero].scalar_type() == at::kChar;
    at::Tensor numbers = input / Along(frame.values[scale], axis, input);
    numbers = numbers + (numbers.round() - numbers).detach();
    if (zero >= 0) numbers = numbers + Along(frame.values[zero], axis, input);
    frame.values[y] = numbers.clamp(is_signed ? -128 : 0, is_signed ? 127 : 255);
  };
}

Expected<Apply> LowerDequantize(const NodeView& view) {
  const int64_t axis = view.node.Int("axis", 1);
  const int x = view.In(0), scale = view.In(1), zero = view.In(2), y = view.out[0];
  return [=](Frame& frame) {
    at::Tensor numbers = frame.values[x].to(at::kFloat);
    if (zero >= 0) numbers = numbers - Along(frame.values[zero], axis, numbers);
    frame.values[y] = numbers * Along(frame.values[scale], axis, numbers);
  };
}

}  // namespace

Lowerings QuantizationOperators() {
  return {{"QuantizeLinear", LowerQuantize}, {"DequantizeLinear", LowerDequantize}};
}

}  // namespace nacre::train_internal
