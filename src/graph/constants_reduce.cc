// Reductions of numbers that are known.
#include <algorithm>
#include <functional>

#include "graph/constants.h"

namespace nacre::graph_internal {
namespace {

// How two numbers become one.
template <typename T>
using Combine = std::function<T(T, T)>;

template <typename T>
const std::map<std::string, Combine<T>>& Reductions() {
  static const std::map<std::string, Combine<T>> reductions = {
      {"ReduceSum", std::plus<T>()},
      {"ReduceMean", std::plus<T>()},
      {"ReduceProd", std::multiplies<T>()},
      {"ReduceMax", [](T a, T b) { return std::max(a, b); }},
      {"ReduceMin", [](T a, T b) { return std::min(a, b); }}};
  return reductions;
}

// For each element of `x`, the element of the result that it goes into: axes that are reduced count
// as 1. Empty where the axes are not known.
Expected<std::vector<int64_t>> Targets(const NodeView& view, const Shape& x) {
  NACRE_TRY(std::vector<int64_t> given, view.Ints("axes"));
  if (view.Has(1)) given = view.KnownInts(1).value_or(std::vector<int64_t>{});
  NACRE_TRY(const std::vector<int64_t> axes, AxisList(given, x.size()));
  Shape kept = x;
  for (size_t i = 0; i < kept.size(); ++i) {
    if (axes.empty() || Contains(axes, i)) kept[i] = 1;
  }
  return BroadcastIndices(kept, x);
}

// The first element that goes into a result is its beginning.
template <typename T>
std::vector<T> Reduced(const std::vector<T>& values, const std::vector<int64_t>& targets,
                       int64_t count, const Combine<T>& combine) {
  std::vector<T> results(static_cast<size_t>(count));
  std::vector<bool> begun(results.size(), false);
  for (size_t i = 0; i < values.size(); ++i) {
    const auto target = static_cast<size_t>(targets[i]);
    results[target] = begun[target] ? combine(results[target], values[i]) : values[i];
    begun[target] = true;
  }
  return results;
}

Contents EvaluateReduction(const NodeView& view, const std::vector<Value>& shapes) {
  const Content& from = *view.ContentOf(0);
  const Value& out = shapes[0];
  const std::string& op = view.node.op;
  const int64_t count = ElementCount(out.shape);
  if (!from.Known() || count == 0 || from.values.count() == 0) return NotDetermined();
  NACRE_TRY(const bool noop, view.Flag("noop_with_empty_axes", false));
  if (noop) return NotDetermined();
  NACRE_TRY(const std::vector<int64_t> targets, Targets(view, view.ShapeOf(0)));
  if (out.type == DataType::kFloat) {
    auto values = Reduced(from.values.ToFloats(), targets, count, Reductions<float>().at(op));
    const auto share = static_cast<float>(count) / static_cast<float>(from.values.count());
    for (float& value : values) value *= op == "ReduceMean" ? share : 1;
    return One({Tensor::Floats(out.shape, values), {}});
  }
  if (!IsInteger(out.type) || op == "ReduceMean") return NotDetermined();
  const auto values = Reduced(from.values.ToInts(), targets, count, Reductions<int64_t>().at(op));
  return One({*TensorOf(out.type, out.shape, values), {}});
}

}  // namespace

std::map<std::string, Evaluator> ReductionEvaluators() {
  std::map<std::string, Evaluator> evaluators;
  for (const auto& [op, combine] : Reductions<float>()) evaluators[op] = EvaluateReduction;
  return evaluators;
}

}  // namespace nacre::graph_internal
