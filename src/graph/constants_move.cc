// Operations whose output elements are elements of their inputs: one index map moves numbers and
// names alike.
#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

#include "graph/constants.h"

namespace nacre::graph_internal {
namespace {

using Indices = std::vector<int64_t>;

Content Take(const Content& from, const Indices& indices, const Shape& shape) {
  const size_t element = ElementSize(from.values.type());
  std::vector<std::byte> bytes(indices.size() * element);
  Content result;
  for (size_t i = 0; i < indices.size(); ++i) {
    const size_t source = static_cast<size_t>(indices[i]);
    std::memcpy(bytes.data() + i * element, from.values.bytes().data() + source * element, element);
    if (!from.names.empty()) result.names.push_back(from.names[source]);
  }
  result.values = Tensor(from.values.type(), shape, std::move(bytes));
  return result;
}

// Walks `out` in order; source = offset + sum over axes of position * steps[axis].
Indices Affine(const Shape& out, int64_t offset, const std::vector<int64_t>& steps) {
  const std::vector<int64_t> strides = StridesOf(out);
  Indices indices(static_cast<size_t>(ElementCount(out)), offset);
  for (size_t flat = 0; flat < indices.size(); ++flat) {
    int64_t rest = static_cast<int64_t>(flat);
    for (size_t d = 0; d < out.size(); ++d) {
      indices[flat] += rest / strides[d] * steps[d];
      rest %= strides[d];
    }
  }
  return indices;
}

Contents EvaluateTranspose(const NodeView& view, const std::vector<Value>& shapes) {
  const Shape& out = shapes[0].shape;
  NACRE_TRY(std::vector<int64_t> order, view.Ints("perm"));
  if (order.empty()) {
    for (size_t i = out.size(); i-- > 0;) order.push_back(static_cast<int64_t>(i));
  }
  const std::vector<int64_t> strides = StridesOf(view.ShapeOf(0));
  std::vector<int64_t> steps;
  for (int64_t given : order) {
    NACRE_TRY(const int64_t axis, Axis(given, out.size()));
    steps.push_back(strides[static_cast<size_t>(axis)]);
  }
  return One(Take(*view.ContentOf(0), Affine(out, 0, steps), out));
}

Contents EvaluateGather(const NodeView& view, const std::vector<Value>& shapes) {
  const auto wanted = view.KnownInts(1);
  if (!wanted) return NotDetermined();
  const Shape& x = view.ShapeOf(0);
  NACRE_TRY(const size_t axis, AxisAttribute(view, 0, x.size()));
  const int64_t size = x[axis];
  const int64_t inner = StridesOf(x)[axis];
  Indices positions;  // along the axis
  for (int64_t index : *wanted) {
    positions.push_back(index < 0 ? index + size : index);
    if (positions.back() < 0 || positions.back() >= size) return Unfit("an index out of range");
  }
  Indices indices;
  const int64_t outer = size * inner == 0 ? 0 : ElementCount(x) / (size * inner);
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t position : positions) {
      for (int64_t i = 0; i < inner; ++i) indices.push_back((o * size + position) * inner + i);
    }
  }
  if (static_cast<int64_t>(indices.size()) != ElementCount(shapes[0].shape)) return NotDetermined();
  return One(Take(*view.ContentOf(0), indices, shapes[0].shape));
}

// Where a Slice begins along an axis of `size` elements.
int64_t FirstIndex(int64_t start, int64_t step, int64_t size) {
  if (start < 0) start += size;
  if (step > 0) return std::clamp<int64_t>(start, 0, size);
  return std::clamp<int64_t>(start, -1, size - 1);
}

// The integers of an optional input; `otherwise` where it is not given.
std::optional<Indices> IntsOr(const NodeView& view, size_t i, Indices otherwise) {
  return view.Has(i) ? view.KnownInts(i) : std::move(otherwise);
}

Contents EvaluateSlice(const NodeView& view, const std::vector<Value>& shapes) {
  const Shape &x = view.ShapeOf(0), &out = shapes[0].shape;
  const auto starts = view.KnownInts(1), ends = view.KnownInts(2);
  if (!starts || !ends) return NotDetermined();
  Indices all(starts->size());
  std::iota(all.begin(), all.end(), 0);
  const auto along = IntsOr(view, 3, all);
  const auto strides = IntsOr(view, 4, Indices(starts->size(), 1));
  if (!along || !strides) return NotDetermined();
  std::vector<int64_t> steps = StridesOf(x);
  int64_t offset = 0;
  for (size_t i = 0; i < starts->size(); ++i) {
    NACRE_TRY(const int64_t given, Axis((*along)[i], x.size()));
    const size_t axis = static_cast<size_t>(given);
    const int64_t step = std::clamp((*strides)[i], -kLongestStep, kLongestStep);
    offset += FirstIndex((*starts)[i], step, x[axis]) * steps[axis];
    steps[axis] *= step;
  }
  return One(Take(*view.ContentOf(0), Affine(out, offset, steps), out));
}

Contents EvaluateExpand(const NodeView& view, const std::vector<Value>& shapes) {
  const Shape& out = shapes[0].shape;
  return One(Take(*view.ContentOf(0), BroadcastIndices(view.ShapeOf(0), out), out));
}

// Each axis begins again where it ends.
Contents EvaluateTile(const NodeView& view, const std::vector<Value>& shapes) {
  const Shape &x = view.ShapeOf(0), &out = shapes[0].shape;
  const std::vector<int64_t> in_strides = StridesOf(x), out_strides = StridesOf(out);
  Indices indices(static_cast<size_t>(ElementCount(out)), 0);
  for (size_t flat = 0; flat < indices.size(); ++flat) {
    for (size_t d = 0; d < out.size(); ++d) {
      const int64_t at = static_cast<int64_t>(flat) / out_strides[d] % out[d];
      indices[flat] += at % x[d] * in_strides[d];
    }
  }
  return One(Take(*view.ContentOf(0), indices, out));
}

// The same elements in the same order.
Contents EvaluateReshape(const NodeView& view, const std::vector<Value>& shapes) {
  const Content& from = *view.ContentOf(0);
  if (from.values.count() != ElementCount(shapes[0].shape)) return NotDetermined();
  return One({from.values.Reshaped(shapes[0].shape), from.names});
}

Contents EvaluateSplit(const NodeView& view, const std::vector<Value>& shapes) {
  const Shape& x = view.ShapeOf(0);
  NACRE_TRY(const size_t axis, AxisAttribute(view, 0, x.size()));
  const std::vector<int64_t> strides = StridesOf(x);
  std::vector<Content> parts;
  int64_t offset = 0;
  for (const Value& out : shapes) {
    parts.push_back(Take(*view.ContentOf(0), Affine(out.shape, offset, strides), out.shape));
    offset += out.shape[axis] * strides[axis];
  }
  return parts;
}

// All inputs end to end.
Content Chain(const NodeView& view) {
  Content chain;
  std::vector<std::byte> bytes;
  for (size_t i = 0; i < view.inputs.size(); ++i) {
    const Content& part = *view.ContentOf(i);
    bytes.insert(bytes.end(), part.values.bytes().begin(), part.values.bytes().end());
    for (int64_t e = 0; e < part.values.count(); ++e) chain.names.push_back(part.NameAt(e));
  }
  const int64_t count = static_cast<int64_t>(chain.names.size());
  chain.values = Tensor(view.TypeOf(0), {count}, std::move(bytes));
  return chain;
}

// One index map into the chain: rows of the parts alternate.
Contents EvaluateConcat(const NodeView& view, const std::vector<Value>& shapes) {
  const Shape& out = shapes[0].shape;
  NACRE_TRY(const size_t axis, AxisAttribute(view, 0, out.size()));
  const int64_t inner = StridesOf(out)[axis];
  Indices runs, starts;
  int64_t count = 0;
  for (size_t i = 0; i < view.inputs.size(); ++i) {
    if (view.TypeOf(i) != view.TypeOf(0)) return Unfit("joins values of different types");
    runs.push_back(view.ShapeOf(i)[axis] * inner);
    starts.push_back(count);
    count += view.ContentOf(i)->values.count();
  }
  const int64_t total = std::accumulate(runs.begin(), runs.end(), int64_t{0});
  const int64_t outer = total == 0 ? 0 : ElementCount(out) / total;
  Indices indices;
  for (int64_t o = 0; o < outer; ++o) {
    for (size_t i = 0; i < runs.size(); ++i) {
      for (int64_t e = 0; e < runs[i]; ++e) indices.push_back(starts[i] + o * runs[i] + e);
    }
  }
  return One(Take(Chain(view), indices, out));
}

}  // namespace

std::map<std::string, Evaluator> MoveEvaluators() {
  return {{"Identity", EvaluateReshape}, {"Reshape", EvaluateReshape},
          {"Squeeze", EvaluateReshape},  {"Unsqueeze", EvaluateReshape},
          {"Flatten", EvaluateReshape},  {"Transpose", EvaluateTranspose},
          {"Gather", EvaluateGather},    {"Slice", EvaluateSlice},
          {"Expand", EvaluateExpand},    {"Split", EvaluateSplit},
          {"Tile", EvaluateTile},        {"Concat", EvaluateConcat}};
}

}  // namespace nacre::graph_internal
