// Reductions, and choices of the largest or smallest elements.
#include "graph/shape_rules.h"

namespace nacre::graph_internal {
namespace {

// Axes are an input (ReduceSum) or an attribute (all others). Nothing where they are not known.
Expected<std::optional<std::vector<int64_t>>> GivenAxes(const NodeView& view) {
  if (view.Has(1)) return view.KnownInts(1);
  NACRE_TRY(const std::vector<int64_t> axes, view.Ints("axes"));
  return axes;
}

Outputs Reduce(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  NACRE_TRY(const auto given, GivenAxes(view));
  NACRE_TRY(const bool keep, view.Flag("keepdims", true));
  NACRE_TRY(const bool noop, view.Flag("noop_with_empty_axes", false));
  if (!given) return keep ? Single(view.TypeOf(0), Shape(x.size(), kDynamic)) : NothingKnown();
  if (given->empty() && noop) return Single(view.TypeOf(0), x);
  NACRE_TRY(const std::vector<int64_t> axes, AxisList(*given, x.size()));
  Shape out;
  for (size_t i = 0; i < x.size(); ++i) {
    const bool reduced = axes.empty() || Contains(axes, i);
    if (!reduced) out.push_back(x[i]);
    if (reduced && keep) out.push_back(1);
  }
  return Single(view.TypeOf(0), std::move(out));
}

// Opset 17 has the axes of ReduceSum as an input, those of all others as an attribute.
Expected<void> CheckReduce(const NodeView& view) {
  const std::vector<std::string>& inputs = view.node.inputs;
  const bool sums = view.node.op == "ReduceSum";
  if (sums && view.node.attributes.contains("axes")) return Unfit("ReduceSum of axes before 13");
  if (!sums && inputs.size() > 1 && !inputs[1].empty()) {
    return Unfit(view.node.op + " with axes as input");
  }
  NACRE_TRY(const bool noop, view.Flag("noop_with_empty_axes", false));
  if (!sums && noop) return Unfit(view.node.op + " with axes as input");
  return {};
}

// ArgMax and ArgMin.
Outputs Position(const NodeView& view) {
  Shape out = view.ShapeOf(0);
  NACRE_TRY(const size_t axis, AxisAttribute(view, 0, out.size()));
  NACRE_TRY(const bool keep, view.Flag("keepdims", true));
  out[axis] = 1;
  if (!keep) out.erase(out.begin() + static_cast<std::ptrdiff_t>(axis));
  return Single(DataType::kInt64, std::move(out));
}

// Values and indices.
Outputs TopK(const NodeView& view) {
  Shape out = view.ShapeOf(0);
  NACRE_TRY(const size_t axis, AxisAttribute(view, -1, out.size()));
  const auto count = view.KnownInts(1);
  if (count && count->size() != 1) return Unfit("more than one count");
  if (count && ((*count)[0] < 0 || (out[axis] >= 0 && (*count)[0] > out[axis]))) {
    return Unfit("the first " + std::to_string((*count)[0]) + " of " + ToString(out));
  }
  out[axis] = count ? (*count)[0] : kDynamic;
  return std::vector<Value>{{"", view.TypeOf(0), out}, {"", DataType::kInt64, out}};
}

}  // namespace

std::vector<RuleEntry> ReduceRules() {
  std::vector<RuleEntry> rules = {
      {"ArgMax", 1, Position}, {"ArgMin", 1, Position}, {"TopK", 2, TopK}};
  for (const char* op :
       {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
        "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp"}) {
    rules.push_back({op, 1, Reduce, CheckReduce});
  }
  return rules;
}

}  // namespace nacre::graph_internal
