#include <ATen/ATen.h>

#include <utility>

#include "train/operators.h"

namespace nacre::train_internal {
namespace {

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
// The result has the type of the base.
at::Tensor Pow(const at::Tensor& a, const at::Tensor& b) {
  return at::pow(a, b).to(a.scalar_type());
}
at::Tensor Div(const at::Tensor& a, const at::Tensor& b) {
  return at::isIntegralType(a.scalar_type(), false) ? at::div(a, b, "trunc") : at::div(a, b);
}

Expected<Apply> LowerMod(const NodeView& view) {
  const bool like_c = view.node.Int("fmod", 0) != 0;
  const int a = view.In(0), b = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    frame.values[y] = like_c ? at::fmod(frame.values[a], frame.values[b])
                             : at::remainder(frame.values[a], frame.values[b]);
  };
}

Expected<Apply> LowerMean(const NodeView& view) {
  NACRE_TRY(const Apply sum, LowerFold<AddPlain>(view));
  const auto count = static_cast<double>(view.in.size());
  const int y = view.out[0];
  return [=](Frame& frame) {
    sum(frame);
    frame.values[y] = frame.values[y] / count;
  };
}

}  // namespace

Lowerings ArithmeticOperators() {
  return {{"Erf", LowerUnary<at::erf>},
          {"Exp", LowerUnary<at::exp>},
          {"Log", LowerUnary<at::log>},
          {"Sqrt", LowerUnary<at::sqrt>},
          {"Reciprocal", LowerUnary<at::reciprocal>},
          {"Neg", LowerUnary<at::neg>},
          {"Abs", LowerUnary<at::abs>},
          {"Floor", LowerUnary<at::floor>},
          {"Ceil", LowerUnary<at::ceil>},
          {"Round", LowerUnary<at::round>},
          {"Sign", LowerUnary<at::sign>},
          {"Sin", LowerUnary<at::sin>},
          {"Cos", LowerUnary<at::cos>},
          {"Add", LowerAdd},
          {"Sub", LowerBinary<Sub>},
          {"Mul", LowerBinary<at::mul>},
          {"Div", LowerBinary<Div>},
          {"Pow", LowerBinary<Pow>},
          {"Mod", LowerMod},
          {"Sum", LowerFold<AddPlain>},
          {"Mean", LowerMean},
          {"Min", LowerFold<at::minimum>},
          {"Max", LowerFold<at::maximum>}};
}

}  // namespace nacre::train_internal
