// Operations that take, join, repeat or resample parts of their inputs.
#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/shape_rules.h"

namespace nacre {
namespace {

Outputs Concat(const NodeView& view) {
  Shape out = view.ShapeOf(0);
  NACRE_TRY(const int64_t axis, Axis(view.node.Int("axis", 0), out.size()));
  for (size_t i = 1; i < view.inputs.size(); ++i) {
    const Shape& next = view.ShapeOf(i);
    if (next.size() != out.size())
      return Unfit("joins " + ToString(out) + " and " + ToString(next));
    for (size_t d = 0; d < out.size(); ++d) {
      if (static_cast<int64_t>(d) == axis) {
        out[d] = out[d] < 0 || next[d] < 0 ? kDynamic : out[d] + next[d];
      } else if (!MayEqual(out[d], next[d])) {
        return Unfit("joins " + ToString(out) + " and " + ToString(next));
      } else if (out[d] < 0 && next[d] != kDynamic) {
        out[d] = next[d];
      }
    }
  }
  return Single(view.TypeOf(0), std::move(out));
}

Outputs Split(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  NACRE_TRY(const int64_t axis, Axis(view.node.Int("axis", 0), x.size()));
  const int64_t size = x[static_cast<size_t>(axis)];
  const int64_t parts = static_cast<int64_t>(view.node.outputs.size());
  std::vector<int64_t> sizes;
  if (view.Has(1)) {
    const auto given = view.KnownInts(1);
    if (!given) return std::vector<Value>{};
    sizes = *given;
    if (static_cast<int64_t>(sizes.size()) != parts) return Unfit("sizes do not fit the outputs");
    if (size >= 0 && Product(sizes) >= 0) {
      int64_t sum = 0;
      for (int64_t part : sizes) sum += part;
      if (sum != size) return Unfit("parts of " + ToString(x) + " that do not add up");
    }
  } else {
    const bool uneven =
        view.node.attributes.contains("num_outputs");  // opset 18: last part smaller
    const int64_t part = size < 0 ? kDynamic : (size + parts - 1) / parts;
    sizes.assign(static_cast<size_t>(parts), part);
    if (size >= 0) sizes.back() = size - part * (parts - 1);
    if (size >= 0 && sizes.back() != part && (!uneven || sizes.back() < 1)) {
      return Unfit("cannot split " + ToString(x) + " into " + std::to_string(parts) + " parts");
    }
  }
  std::vector<Value> values;
  for (int64_t part : sizes) {
    values.push_back({"", view.TypeOf(0), x});
    values.back().shape[static_cast<size_t>(axis)] = part;
  }
  return values;
}

// Elements of start:end:step over `size`, by the clamping rules of ONNX Slice.
int64_t SliceCount(int64_t size, int64_t start, int64_t end, int64_t step) {
  step = std::clamp(step, -kLongestStep, kLongestStep);
  if (size < 0) {
    const bool whole = start == 0 && step == 1 && end >= std::numeric_limits<int32_t>::max();
    return whole ? size : kDynamic;
  }
  if (start < 0) start += size;
  if (end < 0 && end > std::numeric_limits<int64_t>::min() + size) end += size;
  if (step > 0) {
    start = std::clamp<int64_t>(start, 0, size);
    end = std::clamp<int64_t>(end, 0, size);
    return start >= end ? 0 : (end - start + step - 1) / step;
  }
  start = std::clamp<int64_t>(start, -1, size - 1);
  end = std::clamp<int64_t>(end, -1, size - 1);
  return start <= end ? 0 : (start - end - step - 1) / -step;
}

Outputs Slice(const NodeView& view) {
  Shape out = view.ShapeOf(0);
  const Shape& length = view.ShapeOf(1);
  if (length.size() != 1) return Unfit("starts are not a list");
  std::vector<int64_t> axes;
  if (view.Has(3)) {
    const auto given = view.KnownInts(3);
    if (!given) return Single(view.TypeOf(0), Shape(out.size(), kDynamic));
    axes = *given;
  } else {
    for (int64_t i = 0; i < length[0]; ++i) axes.push_back(i);
  }
  NACRE_TRY(axes, AxisList(axes, out.size()));
  const auto starts = view.KnownInts(1), ends = view.KnownInts(2);
  const auto steps =
      view.Has(4) ? view.KnownInts(4) : std::optional(std::vector<int64_t>(axes.size(), 1));
  for (size_t i = 0; i < axes.size(); ++i) {
    int64_t& size = out[static_cast<size_t>(axes[i])];
    if (!starts || !ends || !steps) {
      size = kDynamic;
      continue;
    }
    if (starts->size() != axes.size() || ends->size() != axes.size() ||
        steps->size() != axes.size() || (*steps)[i] == 0) {
      return Unfit("starts, ends, axes and steps do not fit");
    }
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

Outputs Gather(const NodeView& view) {
  const Shape &x = view.ShapeOf(0), &indices = view.ShapeOf(1);
  NACRE_TRY(const int64_t axis, Axis(view.node.Int("axis", 0), x.size()));
  Shape out(x.begin(), x.begin() + axis);
  out.insert(out.end(), indices.begin(), indices.end());
  out.insert(out.end(), x.begin() + axis + 1, x.end());
  return Single(view.TypeOf(0), std::move(out));
}

Outputs Expand(const NodeView& view) {
  const Content* target = view.ContentOf(1);
  if (target == nullptr) return std::vector<Value>{};
  nacre::Shape wanted = target->values.ToInts();
  for (size_t i = 0; i < target->names.size(); ++i) {
    if (target->names[i] != 0) wanted[i] = target->names[i];
  }
  NACRE_TRY(nacre::Shape shape, Broadcast(view.ShapeOf(0), wanted));
  return Single(view.TypeOf(0), std::move(shape));
}

bool IsGiven(const NodeView& view, size_t i) { return view.Has(i) && view.ShapeOf(i) != Shape{0}; }

// Inputs: Resize has X, roi, scales, sizes; Upsample X, scales.
Outputs Resize(const NodeView& view) {
  Shape out = view.ShapeOf(0);
  const size_t scales_at = view.node.op == "Upsample" ? 1 : 2;
  if (scales_at == 2 && IsGiven(view, 3)) {
    const Content* sizes = view.ContentOf(3);
    if (sizes == nullptr) return Single(view.TypeOf(0), Shape(out.size(), kDynamic));
    if (sizes->values.count() != static_cast<int64_t>(out.size())) return Unfit("sizes do not fit");
    out = sizes->values.ToInts();
    for (size_t i = 0; i < sizes->names.size(); ++i) {
      if (sizes->names[i] != 0) out[i] = sizes->names[i];
    }
    return Single(view.TypeOf(0), std::move(out));
  }
  if (!IsGiven(view, scales_at)) return Unfit("neither scales nor sizes");
  const Content* scales = view.ContentOf(scales_at);
  if (scales == nullptr || !scales->Known()) {
    return Single(view.TypeOf(0), Shape(out.size(), kDynamic));
  }
  const std::vector<float> factors = scales->values.ToFloats();
  if (factors.size() != out.size()) return Unfit("scales do not fit " + ToString(out));
  for (size_t i = 0; i < out.size(); ++i) {
    if (!(factors[i] > 0)) return Unfit("a scale that is not positive");
    if (factors[i] == 1.0f) continue;
    out[i] = out[i] < 0 ? kDynamic
                        : static_cast<int64_t>(std::floor(static_cast<float>(out[i]) * factors[i]));
  }
  return Single(view.TypeOf(0), std::move(out));
}

}  // namespace

std::vector<RuleEntry> SelectionRules() {
  return {{"Concat", 1, Concat}, {"Split", 1, Split},    {"Slice", 3, Slice},
          {"Pad", 2, Pad},       {"Gather", 2, Gather},  {"Expand", 2, Expand},
          {"Resize", 1, Resize}, {"Upsample", 2, Resize}};
}

}  // namespace nacre
