// Operations that take, join or repeat parts of their inputs.
#include <algorithm>
#include <limits>
#include <numeric>

#include "graph/shape_rules.h"

namespace nacre::graph_internal {
namespace {

// Joins `next` to `out` along `axis`. False when the other dimensions clash.
bool Join(Shape& out, const Shape& next, size_t axis) {
  if (next.size() != out.size()) return false;
  for (size_t d = 0; d < out.size(); ++d) {
    if (d == axis) {
      out[d] = out[d] < 0 || next[d] < 0 ? kDynamic : out[d] + next[d];
    } else if (!MayEqual(out[d], next[d])) {
      return false;
    } else if (out[d] < 0 && next[d] != kDynamic) {
      out[d] = next[d];
    }
  }
  return true;
}

Outputs Concat(const NodeView& view) {
  Shape out = view.ShapeOf(0);
  NACRE_TRY(const size_t axis, AxisAttribute(view, 0, out.size()));
  for (size_t i = 1; i < view.inputs.size(); ++i) {
    if (!view.Has(i)) return MissingInput(i);
    const Shape so_far = out;
    if (!Join(out, view.ShapeOf(i), axis)) {
      return Unfit("joins " + ToString(so_far) + " and " + ToString(view.ShapeOf(i)));
    }
  }
  return Single(view.TypeOf(0), std::move(out));
}

// The sizes that a Split is given, which must add up to `size` where all are known.
Expected<void> CheckSizes(const std::vector<int64_t>& sizes, const NodeView& view, int64_t size) {
  if (sizes.size() != view.node.outputs.size()) return Unfit("sizes do not fit the outputs");
  if (size < 0 || Product(sizes) < 0) return {};
  if (std::accumulate(sizes.begin(), sizes.end(), int64_t{0}) != size) {
    return Unfit("parts of " + ToString(view.ShapeOf(0)) + " that do not add up");
  }
  return {};
}

// Equal parts. With num_outputs (opset 18) the last may be smaller.
Expected<std::vector<int64_t>> EqualSizes(const NodeView& view, int64_t size) {
  const size_t count = view.node.outputs.size();
  if (size < 0) return std::vector<int64_t>(count, kDynamic);
  const int64_t parts = static_cast<int64_t>(count);
  const int64_t part = (size + parts - 1) / parts;
  const int64_t last = size - part * (parts - 1);
  const bool uneven = view.node.attributes.contains("num_outputs");
  if (last != part && (!uneven || last < 1)) {
    return Unfit("cannot split " + ToString(view.ShapeOf(0)) + " into " + std::to_string(parts) +
                 " parts");
  }
  std::vector<int64_t> sizes(count, part);
  sizes.back() = last;
  return sizes;
}

Outputs Split(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  NACRE_TRY(const size_t axis, AxisAttribute(view, 0, x.size()));
  std::vector<int64_t> sizes;
  if (view.Has(1)) {
    const auto given = view.KnownInts(1);
    if (!given) return NothingKnown();
    NACRE_CHECK_OK(CheckSizes(*given, view, x[axis]));
    sizes = *given;
  } else {
    NACRE_TRY(sizes, EqualSizes(view, x[axis]));
  }
  std::vector<Value> values;
  for (int64_t part : sizes) {
    values.push_back({"", view.TypeOf(0), x});
    values.back().shape[axis] = part;
  }
  return values;
}

// An index of a Slice within [low, high], counted from the end where it is negative.
int64_t Bound(int64_t index, int64_t size, int64_t low, int64_t high) {
  const bool from_end = index < 0 && index > std::numeric_limits<int64_t>::min() + size;
  return std::clamp<int64_t>(from_end ? index + size : index, low, high);
}

// Elements of start:end:step over `size`, by the clamping rules of ONNX Slice.
int64_t SliceCount(int64_t size, int64_t start, int64_t end, int64_t step) {
  step = std::clamp(step, -kLongestStep, kLongestStep);
  if (size < 0) {
    const bool whole = start == 0 && step == 1 && end >= std::numeric_limits<int32_t>::max();
    return whole ? size : kDynamic;
  }
  if (step > 0) {
    const int64_t from = Bound(start, size, 0, size), to = Bound(end, size, 0, size);
    return from >= to ? 0 : (to - from + step - 1) / step;
  }
  const int64_t from = Bound(start, size, -1, size - 1), to = Bound(end, size, -1, size - 1);
  return from <= to ? 0 : (from - to - step - 1) / -step;
}

// Which axes a Slice cuts; nothing when they are given and not known.
Expected<std::optional<std::vector<int64_t>>> SlicedAxes(const NodeView& view) {
  const size_t rank = view.ShapeOf(0).size();
  const Shape& length = view.ShapeOf(1);
  if (length.size() != 1) return Unfit("starts are not a list");
  std::vector<int64_t> axes;
  if (view.Has(3)) {
    const auto given = view.KnownInts(3);
    if (!given) return std::nullopt;
    axes = *given;
  } else {
    axes.resize(static_cast<size_t>(std::clamp<int64_t>(length[0], 0, kMostAxes)));
    std::iota(axes.begin(), axes.end(), 0);
  }
  NACRE_TRY(axes, AxisList(axes, rank));
  return axes;
}

Outputs Slice(const NodeView& view) {
  Shape out = view.ShapeOf(0);
  NACRE_TRY(const auto axes, SlicedAxes(view));
  if (!axes) return Single(view.TypeOf(0), Shape(out.size(), kDynamic));
  const auto starts = view.KnownInts(1), ends = view.KnownInts(2);
  const auto steps = view.Has(4) ? view.KnownInts(4) : std::vector<int64_t>(axes->size(), 1);
  if (!starts || !ends || !steps) {
    for (int64_t axis : *axes) out[static_cast<size_t>(axis)] = kDynamic;
    return Single(view.TypeOf(0), std::move(out));
  }
  const size_t count = axes->size();
  const bool fit = starts->size() == count && ends->size() == count && steps->size() == count;
  if (!fit || std::count(steps->begin(), steps->end(), 0) > 0) {
    return Unfit("starts, ends, axes and steps do not fit");
  }
  for (size_t i = 0; i < count; ++i) {
    int64_t& size = out[static_cast<size_t>((*axes)[i])];
    size = SliceCount(size, (*starts)[i], (*ends)[i], (*steps)[i]);
  }
  return Single(view.TypeOf(0), std::move(out));
}

Outputs Pad(const NodeView& view) {
  Shape out = view.ShapeOf(0);
  const auto pads = view.KnownInts(1);
  if (!pads) return Single(view.TypeOf(0), Shape(out.size(), kDynamic));
  if (pads->size() != 2 * out.size()) return Unfit("pads do not fit " + ToString(out));
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t more = (*pads)[i] + (*pads)[i + out.size()];
    if (more == 0) continue;
    out[i] = out[i] < 0 ? kDynamic : out[i] + more;
    if (out[i] < kDynamic) return Unfit("pads cut away more than there is");
  }
  return Single(view.TypeOf(0), std::move(out));
}

Expected<void> CheckPad(const NodeView& view) {
  const std::vector<std::string>& inputs = view.node.inputs;
  if (inputs.size() > 3 && !inputs[3].empty()) return Unfit("Pad of chosen axes");
  return {};
}

Outputs Gather(const NodeView& view) {
  const Shape &x = view.ShapeOf(0), &indices = view.ShapeOf(1);
  NACRE_TRY(const size_t axis, AxisAttribute(view, 0, x.size()));
  const auto at = x.begin() + static_cast<std::ptrdiff_t>(axis);
  Shape out(x.begin(), at);
  out.insert(out.end(), indices.begin(), indices.end());
  out.insert(out.end(), at + 1, x.end());
  return Single(view.TypeOf(0), std::move(out));
}

Outputs Expand(const NodeView& view) {
  const Content* target = view.ContentOf(1);
  if (target == nullptr) return NothingKnown();
  NACRE_TRY(Shape shape, Broadcast(view.ShapeOf(0), target->AsShape()));
  return Single(view.TypeOf(0), std::move(shape));
}

Outputs Tile(const NodeView& view) {
  Shape out = view.ShapeOf(0);
  const auto repeats = view.KnownInts(1);
  if (!repeats) return Single(view.TypeOf(0), Shape(out.size(), kDynamic));
  if (repeats->size() != out.size()) return Unfit("repeats do not fit " + ToString(out));
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t times = (*repeats)[i];
    if (times < 0) return Unfit("a negative repeat");
    if (times != 1) out[i] = out[i] < 0 ? kDynamic : out[i] * times;
  }
  return Single(view.TypeOf(0), std::move(out));
}

// The last axis of the indices counts how many axes of the input they choose from, behind
// `batch_dims` axes that both share.
Outputs GatherNd(const NodeView& view) {
  const Shape &x = view.ShapeOf(0), &indices = view.ShapeOf(1);
  NACRE_TRY(const int64_t shared, view.Int("batch_dims", 0));
  if (indices.empty()) return Unfit("indices without an axis");
  if (indices.back() < 0) return NothingKnown();
  const int64_t chosen = shared + indices.back();
  if (shared < 0 || indices.back() < 1 || chosen > static_cast<int64_t>(x.size())) {
    return Unfit("indices " + ToString(indices) + " into " + ToString(x));
  }
  Shape out(indices.begin(), indices.end() - 1);
  out.insert(out.end(), x.begin() + chosen, x.end());
  return Single(view.TypeOf(0), std::move(out));
}

Outputs GatherElements(const NodeView& view) {
  const Shape &x = view.ShapeOf(0), &indices = view.ShapeOf(1);
  NACRE_CHECK_OK(AxisAttribute(view, 0, x.size()));
  if (indices.size() != x.size()) return Unfit("indices of another rank than the input");
  return Single(view.TypeOf(0), indices);
}

Outputs Scatter(const NodeView& view) { return Single(view.TypeOf(0), view.ShapeOf(0)); }

Expected<void> CheckScatter(const NodeView& view) {
  NACRE_TRY(const std::string reduction, view.String("reduction", "none"));
  if (reduction != "none" && reduction != "add") {
    return Unfit(view.node.op + " that reduces by '" + reduction + "'");
  }
  return {};
}

}  // namespace

std::vector<RuleEntry> SelectionRules() {
  return {{"Concat", 1, Concat},     {"Split", 1, Split},
          {"Slice", 3, Slice},       {"Pad", 2, Pad, CheckPad},
          {"Gather", 2, Gather},     {"GatherElements", 2, GatherElements},
          {"GatherND", 2, GatherNd}, {"ScatterND", 3, Scatter, CheckScatter},
          {"Expand", 2, Expand},     {"Tile", 2, Tile}};
}

}  // namespace nacre::graph_internal
