#include <ATen/ATen.h>

#include <cmath>
#include <limits>

#include "train/operators.h"

namespace nacre::train_internal {
namespace {

Expected<Apply> LowerRelu(const NodeView& view) {
  const int x = view.In(0), y = view.out[0];
  if (view.overwrite[0]) return [=](Frame& frame) { frame.values[y] = at::relu_(frame.values[x]); };
  return [=](Frame& frame) { frame.values[y] = at::relu(frame.values[x]); };
}

at::Tensor PRelu(const at::Tensor& x, const at::Tensor& slope) {
  return at::where(x.ge(0), x, x * slope);
}
at::Tensor Softsign(const at::Tensor& x) { return x / (x.abs() + 1); }
at::Tensor Softplus(const at::Tensor& x) { return at::softplus(x); }

Expected<Apply> LowerLeakyRelu(const NodeView& view) {
  const float alpha = view.node.Float("alpha", 0.01f);
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = at::leaky_relu(frame.values[x], alpha); };
}

Expected<Apply> LowerElu(const NodeView& view) {
  const float alpha = view.node.Float("alpha", 1);
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = at::elu(frame.values[x], alpha); };
}

Expected<Apply> LowerCelu(const NodeView& view) {
  const float alpha = view.node.Float("alpha", 1);
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = at::celu(frame.values[x], alpha); };
}

// Torch has one pair of numbers, ONNX any.
Expected<Apply> LowerSelu(const NodeView& view) {
  const float alpha = view.node.Float("alpha", 1.67326319217681884765625f);
  const float gamma = view.node.Float("gamma", 1.05070102214813232421875f);
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = at::elu(frame.values[x], alpha, gamma); };
}

Expected<Apply> LowerThresholdedRelu(const NodeView& view) {
  const float alpha = view.node.Float("alpha", 1);
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = at::threshold(frame.values[x], alpha, 0); };
}

// Limits are attributes until opset 6.
Expected<Apply> LowerClip(const NodeView& view) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const int x = view.In(0), low = view.In(1), high = view.In(2), y = view.out[0];
  const double least = view.node.Float("min", -kInfinity);
  const double most = view.node.Float("max", kInfinity);
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    if (at::isIntegralType(input.scalar_type(), false)) {
      at::Tensor clipped = input;
      if (low >= 0) clipped = at::maximum(clipped, frame.values[low]);
      if (high >= 0) clipped = at::minimum(clipped, frame.values[high]);
      frame.values[y] = clipped;
      return;
    }
    const double from = low >= 0 ? frame.values[low].item<double>() : least;
    const double to = high >= 0 ? frame.values[high].item<double>() : most;
    frame.values[y] = at::clamp(input, from, to);
  };
}

Expected<Apply> LowerHardSigmoid(const NodeView& view) {
  const float alpha = view.node.Float("alpha", 0.2f);
  const float beta = view.node.Float("beta", 0.5f);
  const int x = view.In(0), y = view.out[0];
  // Exporters write the sixth of MobileNetV3 in few digits; torch has that one as an operator.
  if (std::abs(alpha - 1.0f / 6) < 1e-4f && beta == 0.5f) {
    return [=](Frame& frame) { frame.values[y] = at::hardsigmoid(frame.values[x]); };
  }
  return [=](Frame& frame) { frame.values[y] = at::clamp(frame.values[x] * alpha + beta, 0, 1); };
}

Expected<Apply> LowerGelu(const NodeView& view) {
  const std::string approximate = view.node.String("approximate", "none");
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = at::gelu(frame.values[x], approximate); };
}

Expected<Apply> LowerSoftmax(const NodeView& view) {
  const int64_t axis = view.node.Int("axis", -1);
  const bool logarithm = view.node.op == "LogSoftmax";
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    frame.values[y] = logarithm ? at::log_softmax(input, axis) : at::softmax(input, axis);
  };
}

}  // namespace

Lowerings ActivationOperators() {
  return {{"Relu", LowerRelu},
          {"LeakyRelu", LowerLeakyRelu},
          {"PRelu", LowerBinary<PRelu>},
          {"ThresholdedRelu", LowerThresholdedRelu},
          {"Elu", LowerElu},
          {"Celu", LowerCelu},
          {"Selu", LowerSelu},
          {"Clip", LowerClip},
          {"HardSwish", LowerUnary<at::hardswish>},
          {"HardSigmoid", LowerHardSigmoid},
          {"Sigmoid", LowerUnary<at::sigmoid>},
          {"Tanh", LowerUnary<at::tanh>},
          {"Mish", LowerUnary<at::mish>},
          {"Gelu", LowerGelu},
          {"Softplus", LowerUnary<Softplus>},
          {"Softsign", LowerUnary<Softsign>},
          {"Softmax", LowerSoftmax},
          {"LogSoftmax", LowerSoftmax}};
}

}  // namespace nacre::train_internal
