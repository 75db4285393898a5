#include <ATen/ATen.h>

#include <cmath>
#include <limits>
#include <utility>

#include "train/operators.h"

namespace nacre::train_internal {
namespace {

template <at::Tensor (*F)(const at::Tensor&)>
Expected<Apply> LowerUnary(const NodeView& view) {
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = F(frame.values[x]); };
}

template <at::Tensor (*F)(const at::Tensor&, const at::Tensor&)>
Expected<Apply> LowerBinary(const NodeView& view) {
  const int a = view.In(0), b = view.In(1), y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = F(frame.values[a], frame.values[b]); };
}

Expected<Apply> LowerRelu(const NodeView& view) {
  const int x = view.In(0), y = view.out[0];
  if (view.overwrite[0]) return [=](Frame& frame) { frame.values[y] = at::relu_(frame.values[x]); };
  return [=](Frame& frame) { frame.values[y] = at::relu(frame.values[x]); };
}

// The sum goes into whichever operand nothing else needs.
Expected<Apply> LowerAdd(const NodeView& view) {
  const int y = view.out[0];
  int a = view.In(0);
  int b = view.In(1);
  bool overwrite = view.overwrite[0];
  if (!overwrite && view.overwrite[1]) {
    std::swap(a, b);
    overwrite = true;
  }
  return [=](Frame& frame) {
    at::Tensor& left = frame.values[a];
    const at::Tensor& right = frame.values[b];
    const bool same = overwrite && left.sizes() == right.sizes() && left.dtype() == right.dtype();
    frame.values[y] = same ? left.add_(right) : at::add(left, right);
  };
}

// Any number of operands, folded from the left.
template <at::Tensor (*F)(const at::Tensor&, const at::Tensor&)>
Expected<Apply> LowerFold(const NodeView& view) {
  const std::vector<int> in = view.in;
  const int y = view.out[0];
  return [=](Frame& frame) {
    at::Tensor result = frame.values[in[0]];
    for (size_t i = 1; i < in.size(); ++i) result = F(result, frame.values[in[i]]);
    frame.values[y] = result;
  };
}

at::Tensor AddPlain(const at::Tensor& a, const at::Tensor& b) { return at::add(a, b); }
at::Tensor Sub(const at::Tensor& a, const at::Tensor& b) { return at::sub(a, b); }
at::Tensor Pow(const at::Tensor& a, const at::Tensor& b) { return at::pow(a, b); }
at::Tensor Div(const at::Tensor& a, const at::Tensor& b) {
  return at::isIntegralType(a.scalar_type(), false) ? at::div(a, b, "trunc") : at::div(a, b);
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

Expected<Apply> LowerClip(const NodeView& view) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const int x = view.In(0), low = view.In(1), high = view.In(2), y = view.out[0];
  const double least = view.node.Float("min", -kInfinity);  // attributes until opset 6
  const double most = view.node.Float("max", kInfinity);
  return [=](Frame& frame) {
    const double from = low >= 0 ? frame.values[low].item<double>() : least;
    const double to = high >= 0 ? frame.values[high].item<double>() : most;
    frame.values[y] = at::clamp(frame.values[x], from, to);
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

const std::map<std::string, Lowering>& ElementwiseOperators() {
  static const std::map<std::string, Lowering> table = {
      {"Relu", LowerRelu},
      {"LeakyRelu", LowerLeakyRelu},
      {"PRelu", LowerBinary<PRelu>},
      {"Elu", LowerElu},
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
      {"LogSoftmax", LowerSoftmax},
      {"Erf", LowerUnary<at::erf>},
      {"Exp", LowerUnary<at::exp>},
      {"Log", LowerUnary<at::log>},
      {"Sqrt", LowerUnary<at::sqrt>},
      {"Reciprocal", LowerUnary<at::reciprocal>},
      {"Neg", LowerUnary<at::neg>},
      {"Abs", LowerUnary<at::abs>},
      {"Floor", LowerUnary<at::floor>},
      {"Ceil", LowerUnary<at::ceil>},
      {"Add", LowerAdd},
      {"Sub", LowerBinary<Sub>},
      {"Mul", LowerBinary<at::mul>},
      {"Div", LowerBinary<Div>},
      {"Pow", LowerBinary<Pow>},
      {"Sum", LowerFold<AddPlain>},
      {"Min", LowerFold<at::minimum>},
      {"Max", LowerFold<at::maximum>},
  };
  return table;
}

}  // namespace nacre::train_internal
