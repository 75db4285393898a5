#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

#include "train/operators.h"

namespace nacre::train_internal {
namespace {

// Keeps the gradient of a root finite where all elements are zero.
constexpr double kTiny = 1e-30;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

using Sizes = std::vector<int64_t>;
using Reduction = at::Tensor (*)(const at::Tensor& x, const Sizes& axes, bool keep);

at::Tensor Mean(const at::Tensor& x, const Sizes& axes, bool keep) {
  if (at::isIntegralType(x.scalar_type(), true)) {
    return at::mean(x, axes, keep, at::kDouble).trunc().to(x.scalar_type());
  }
  return at::mean(x, axes, keep, SumType(x));
}

at::Tensor Sum(const at::Tensor& x, const Sizes& axes, bool keep) {
  const bool integers = at::isIntegralType(x.scalar_type(), true);
  return at::sum(x, axes, keep, integers ? std::optional(x.scalar_type()) : SumType(x));
}

// The largest of nothing is the lowest number.
at::Tensor Max(const at::Tensor& x, const Sizes& axes, bool keep) {
  if (x.numel() == 0) return Sum(x, axes, keep) - kInfinity;
  return at::amax(x, axes, keep);
}
at::Tensor Min(const at::Tensor& x, const Sizes& axes, bool keep) {
  if (x.numel() == 0) return Sum(x, axes, keep) + kInfinity;
  return at::amin(x, axes, keep);
}

// From the last axis on, so that the numbers of the others stay.
at::Tensor Product(const at::Tensor& x, const Sizes& axes, bool keep) {
  Sizes order = axes;
  std::sort(order.rbegin(), order.rend());
  at::Tensor result = x;
  for (const int64_t axis : order) result = at::prod(result, axis, keep, x.scalar_type());
  return result;
}

at::Tensor L1(const at::Tensor& x, const Sizes& axes, bool keep) {
  return Sum(x.abs(), axes, keep);
}

at::Tensor SumSquare(const at::Tensor& x, const Sizes& axes, bool keep) {
  return Sum(x * x, axes, keep);
}

at::Tensor L2(const at::Tensor& x, const Sizes& axes, bool keep) {
  return SumSquare(x, axes, keep).clamp_min(kTiny).sqrt();
}

at::Tensor LogSum(const at::Tensor& x, const Sizes& axes, bool keep) {
  return Sum(x, axes, keep).log();
}

at::Tensor LogSumExp(const at::Tensor& x, const Sizes& axes, bool keep) {
  return at::logsumexp(AsFloat(x), axes, keep);
}

// Axes are an attribute, or (ReduceSum, and all from opset 18 on) input 1.
template <Reduction F>
Expected<Apply> LowerReduce(const NodeView& view) {
  const Sizes attribute = view.node.Ints("axes");
  const bool keep = view.node.Int("keepdims", 1) != 0;
  const bool noop = view.node.Int("noop_with_empty_axes", 0) != 0;
  const int x = view.In(0), given = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    Sizes axes = IntegersOr(frame, given, attribute);
    if (axes.empty() && noop) {
      frame.values[y] = input;
      return;
    }
    if (axes.empty()) axes = Axes(0, input.dim());
    for (int64_t& axis : axes) axis = Wrap(axis, input.dim());
    frame.values[y] = axes.empty() ? F(input.reshape({1}), {0}, false) : F(input, axes, keep);
  };
}

template <at::Tensor (*F)(const at::Tensor&, std::optional<int64_t>, bool)>
Expected<Apply> LowerPosition(const NodeView& view) {
  const int64_t attribute = view.node.Int("axis", 0);
  const bool keep = view.node.Int("keepdims", 1) != 0;
  const bool last = view.node.Int("select_last_index", 0) != 0;
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    const int64_t axis = Wrap(attribute, input.dim());
    const at::Tensor place = F(last ? input.flip({axis}) : input, axis, keep);
    frame.values[y] = last ? input.size(axis) - 1 - place : place;
  };
}

// Equal elements keep their order, as in ONNX.
Expected<Apply> LowerTopK(const NodeView& view) {
  const int64_t attribute = view.node.Int("axis", -1);
  const bool largest = view.node.Int("largest", 1) != 0;
  const int x = view.In(0), count = view.In(1);
  const std::vector<int> out = view.out;
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    const int64_t axis = Wrap(attribute, input.dim());
    const int64_t wanted = Integers(frame.values[count]).at(0);
    const auto [sorted, places] = at::sort(input, std::optional<bool>(true), axis, largest);
    if (out[0] >= 0) frame.values[out[0]] = sorted.narrow(axis, 0, wanted);
    if (out.size() > 1 && out[1] >= 0) frame.values[out[1]] = places.narrow(axis, 0, wanted);
  };
}

}  // namespace

Lowerings ReduceOperators() {
  return {{"ReduceMean", LowerReduce<Mean>},
          {"ReduceSum", LowerReduce<Sum>},
          {"ReduceMax", LowerReduce<Max>},
          {"ReduceMin", LowerReduce<Min>},
          {"ReduceProd", LowerReduce<Product>},
          {"ReduceL1", LowerReduce<L1>},
          {"ReduceL2", LowerReduce<L2>},
          {"ReduceSumSquare", LowerReduce<SumSquare>},
          {"ReduceLogSum", LowerReduce<LogSum>},
          {"ReduceLogSumExp", LowerReduce<LogSumExp>},
          {"ArgMax", LowerPosition<at::argmax>},
          {"ArgMin", LowerPosition<at::argmin>},
          {"TopK", LowerTopK}};
}

}  // namespace nacre::train_internal
