#include <ATen/ATen.h>

#include "train/operators.h"

namespace nacre::train_internal {
namespace {

at::Tensor Equal(const at::Tensor& a, const at::Tensor& b) { return at::eq(a, b); }
at::Tensor Greater(const at::Tensor& a, const at::Tensor& b) { return at::gt(a, b); }
at::Tensor GreaterOrEqual(const at::Tensor& a, const at::Tensor& b) { return at::ge(a, b); }
at::Tensor Less(const at::Tensor& a, const at::Tensor& b) { return at::lt(a, b); }
at::Tensor LessOrEqual(const at::Tensor& a, const at::Tensor& b) { return at::le(a, b); }

Expected<Apply> LowerWhere(const NodeView& view) {
  const int condition = view.In(0), a = view.In(1), b = view.In(2), y = view.out[0];
  return [=](Frame& frame) {
    frame.values[y] =
        at::where(frame.values[condition].to(at::kBool), frame.values[a], frame.values[b]);
  };
}

}  // namespace

Lowerings ConditionOperators() {
  return {{"Equal", LowerBinary<Equal>},
          {"Greater", LowerBinary<Greater>},
          {"GreaterOrEqual", LowerBinary<GreaterOrEqual>},
          {"Less", LowerBinary<Less>},
          {"LessOrEqual", LowerBinary<LessOrEqual>},
          {"And", LowerBinary<at::logical_and>},
          {"Or", LowerBinary<at::logical_or>},
          {"Xor", LowerBinary<at::logical_xor>},
          {"Not", LowerUnary<at::logical_not>},
          {"Where", LowerWhere}};
}

}  // namespace nacre::train_internal
