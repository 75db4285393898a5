// Operations whose output elements are elements of their inputs: one index map moves numbers and
// names alike.
#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

#include "graph/constants.h"

namespace nacre {
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

Indices TransposeIndices(const NodeView& view, const Shape& out) {
  std::vector<int64_t> order = view.node.Ints("perm");
  if (order.empty()) {
    for (size_t i = out.size(); i-- > 0;) order.push_back(static_cast<int64_t>(i));
  }
  const std::vector<int64_t> strides = StridesOf(view.ShapeOf(0));
  std::vector<int64_t> steps;
  for (int64_t axis : order) {
    steps.push_back(strides[static_cast<size_t>(*Axis(axis, out.size()))]);
  }
  return Affine(out, 0, steps);
}

std::optional<Indices> GatherIndices(const NodeView& view, const Shape& out) {
  const auto wanted = view.KnownInts(1);
  if (!wanted) return std::nullopt;
  const Shape& x = view.ShapeOf(0);
  const int64_t axis = *Axis(view.node.Int("axis", 0), x.size());
  const int64_t size = x[static_cast<size_t>(axis)];
  const int64_t inner = StridesOf(x)[static_cast<size_t>(axis)];
  Indices indices;
  const int64_t outer = size * inner == 0 ? 0 : ElementCount(x) / (size * inner);
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t index : *wanted) {
      if (index < 0) index += size;
      if (index < 0 || index >= size) throw std::logic_error("an index out of range");
      for (int64_t i = 0; i < inner; ++i) indices.push_back((o * size + index) * inner + i);
    }
  }
  if (static_cast<int64_t>(indices.size()) != ElementCount(out)) return std::nullopt;
  return indices;
}

std::optional<Indices> SliceIndices(const NodeView& view, const Shape& out) {
  const auto starts = view.KnownInts(1), ends = view.KnownInts(2);
  if (!starts || !ends || (view.Has(3) && !view.KnownInts(3)) ||
      (view.Has(4) && !view.KnownInts(4))) {
    return std::nullopt;
  }
  const Shape& x = view.ShapeOf(0);
  std::vector<int64_t> steps = StridesOf(x);
  int64_t offset = 0;
  for (size_t i = 0; i < starts->size(); ++i) {
    const int64_t given = view.Has(3) ? (*view.KnownInts(3))[i] : static_cast<int64_t>(i);
    const size_t axis = static_cast<size_t>(*Axis(given, x.size()));
    const int64_t step =
        view.Has(4) ? std::clamp((*view.KnownInts(4))[i], -kLongestStep, kLongestStep) : 1;
    int64_t start = (*starts)[i];
    if (start < 0) start += x[axis];
    start = step > 0 ? std::clamp<int64_t>(start, 0, x[axis])
                     : std::clamp<int64_t>(start, -1, x[axis] - 1);
    offset += start * steps[axis];
    steps[axis] *= step;
  }
  return Affine(out, offset, steps);
}

std::optional<std::vector<Content>> EvaluateSplit(const NodeView& view,
                                                  const std::vector<Value>& shapes) {
  const Shape& x = view.ShapeOf(0);
  const size_t axis = static_cast<size_t>(*Axis(view.node.Int("axis", 0), x.size()));
  const std::vector<int64_t> strides = StridesOf(x);
  std::vector<Content> parts;
  int64_t offset = 0;
  for (const Value& out : shapes) {
    parts.push_back(Take(*view.ContentOf(0), Affine(out.shape, offset, strides), out.shape));
    offset += out.shape[axis] * strides[axis];
  }
  return parts;
}

// All inputs end to end, then one index map into that.
Content EvaluateConcat(const NodeView& view, const Shape& out) {
  Content joined;
  std::vector<std::byte> bytes;
  const size_t axis = static_cast<size_t>(*Axis(view.node.Int("axis", 0), out.size()));
  const int64_t inner = StridesOf(out)[axis];
  std::vector<int64_t> starts, runs;
  for (size_t i = 0; i < view.inputs.size(); ++i) {
    const Content& part = *view.ContentOf(i);
    starts.push_back(static_cast<int64_t>(joined.names.size()));
    runs.push_back(view.ShapeOf(i)[axis] * inner);
    bytes.insert(bytes.end(), part.values.bytes().begin(), part.values.bytes().end());
    for (int64_t e = 0; e < part.values.count(); ++e) {
      joined.names.push_back(part.names.empty() ? 0 : part.names[static_cast<size_t>(e)]);
    }
  }
  const int64_t total = std::accumulate(runs.begin(), runs.end(), int64_t{0});
  const int64_t outer = total == 0 ? 0 : ElementCount(out) / total;
  Indices indices;
  for (int64_t o = 0; o < outer; ++o) {
    for (size_t i = 0; i < runs.size(); ++i) {
      for (int64_t e = 0; e < runs[i]; ++e) indices.push_back(starts[i] + o * runs[i] + e);
    }
  }
  joined.values = Tensor(view.TypeOf(0), {static_cast<int64_t>(joined.names.size())}, bytes);
  return Take(joined, indices, out);
}

}  // namespace

std::optional<std::vector<Content>> EvaluateMove(const NodeView& view,
                                                 const std::vector<Value>& shapes) {
  const std::string& op = view.node.op;
  const Shape& out = shapes[0].shape;
  if (op == "Split") return EvaluateSplit(view, shapes);
  if (op == "Concat") return std::vector<Content>{EvaluateConcat(view, out)};
  const Content* from = view.ContentOf(0);
  if (from == nullptr) return std::nullopt;
  if (op == "Identity" || op == "Reshape" || op == "Squeeze" || op == "Unsqueeze" ||
      op == "Flatten") {
    if (from->values.count() != ElementCount(out)) return std::nullopt;
    return std::vector<Content>{{from->values.Reshaped(out), from->names}};
  }
  std::optional<Indices> indices;
  if (op == "Transpose") indices = TransposeIndices(view, out);
  if (op == "Gather") indices = GatherIndices(view, out);
  if (op == "Slice") indices = SliceIndices(view, out);
  if (op == "Expand") indices = BroadcastIndices(view.ShapeOf(0), out);
  if (!indices) return std::nullopt;
  return std::vector<Content>{Take(*from, *indices, out)};
}

}  // namespace nacre
