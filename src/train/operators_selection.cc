#include <ATen/ATen.h>
#include <ATen/ExpandUtils.h>

#include <algorithm>

#include "train/operators.h"

namespace nacre::train_internal {
namespace {

Expected<Apply> LowerConcat(const NodeView& view) {
  const int64_t axis = view.node.Int("axis", 1);
  const std::vector<int> in = view.in;
  const int y = view.out[0];
  return [=](Frame& frame) {
    std::vector<at::Tensor> parts;
    for (int slot : in) parts.push_back(frame.values[slot]);
    frame.values[y] = at::cat(parts, axis);
  };
}

Expected<Apply> LowerSplit(const NodeView& view) {
  const int64_t axis = view.node.Int("axis", 0);
  const std::vector<int64_t> attribute = view.node.Ints("split");
  const int x = view.In(0), given = view.In(1);
  const std::vector<int> out = view.out;
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    std::vector<int64_t> sizes = IntegersOr(frame, given, attribute);
    if (sizes.empty()) {  // even parts, of which the last may be smaller
      const int64_t total = input.size(axis);
      const auto parts = static_cast<int64_t>(out.size());
      const int64_t each = (total + parts - 1) / parts;
      sizes.assign(parts, each);
      sizes.back() = total - each * (parts - 1);
    }
    const std::vector<at::Tensor> parts = at::split_with_sizes(input, sizes, axis);
    for (size_t i = 0; i < out.size(); ++i) {
      if (out[i] >= 0) frame.values[out[i]] = parts.at(i);
    }
  };
}

}  // namespace

// ONNX allows negative steps and ends beyond the axis; torch's slice allows neither.
at::Tensor SliceAxis(const at::Tensor& x, int64_t axis, int64_t begin, int64_t end, int64_t step) {
  const int64_t size = x.size(axis);
  if (step > 0) {
    auto clamp = [size](int64_t i) { return std::clamp<int64_t>(i < 0 ? i + size : i, 0, size); };
    return at::slice(x, axis, clamp(begin), clamp(end), step);
  }
  auto clamp = [size](int64_t i) {
    return std::clamp<int64_t>(i < 0 ? i + size : i, -1, size - 1);
  };
  const int64_t stop = end < -size ? -1 : clamp(end);
  return at::index_select(x, axis, at::arange(clamp(begin), stop, step, at::kLong));
}

namespace {

Expected<Apply> LowerSlice(const NodeView& view) {
  const std::vector<int> in = view.in;
  const int y = view.out[0];
  if (in.size() < 3) return Fail(ErrorKind::kModel, "Slice needs starts and ends as inputs");
  return [=](Frame& frame) {
    auto read = [&](size_t i) {
      return i < in.size() && in[i] >= 0 ? Integers(frame.values[in[i]]) : std::vector<int64_t>();
    };
    at::Tensor result = frame.values[in[0]];
    const std::vector<int64_t> starts = read(1), ends = read(2), axes = read(3), steps = read(4);
    for (size_t i = 0; i < starts.size(); ++i) {
      const int64_t axis = axes.empty() ? static_cast<int64_t>(i) : Wrap(axes.at(i), result.dim());
      result = SliceAxis(result, axis, starts[i], ends.at(i), steps.empty() ? 1 : steps.at(i));
    }
    frame.values[y] = result;
  };
}

// ONNX pads of the chosen axes (all, when none are chosen) as torch takes them: pairs of before and
// after, last axis first.
std::vector<int64_t> PadPairs(const std::vector<int64_t>& pads, const std::vector<int64_t>& axes,
                              int64_t rank) {
  const size_t half = pads.size() / 2;
  std::vector<int64_t> before(rank, 0), after(rank, 0);
  for (size_t i = 0; i < half; ++i) {
    const int64_t axis = axes.empty() ? static_cast<int64_t>(i) : Wrap(axes.at(i), rank);
    before.at(axis) = pads[i];
    after.at(axis) = pads[half + i];
  }
  std::vector<int64_t> pairs;
  for (int64_t i = rank; i-- > 0;) pairs.insert(pairs.end(), {before[i], after[i]});
  return pairs;
}

// Without the leading axes that are not padded: torch reflects and replicates trailing axes only.
std::vector<int64_t> OfTrailingAxes(std::vector<int64_t> pairs) {
  while (pairs.size() > 2 && pairs.back() == 0 && pairs[pairs.size() - 2] == 0)
    pairs.resize(pairs.size() - 2);
  return pairs;
}

Expected<Apply> LowerPad(const NodeView& view) {
  const std::string mode = view.node.String("mode", "constant");
  const std::vector<int64_t> attribute = view.node.Ints("pads");
  const int x = view.In(0), given = view.In(1), value = view.In(2), chosen = view.In(3);
  const int y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    const std::vector<int64_t> pairs =
        PadPairs(IntegersOr(frame, given, attribute), IntegersOr(frame, chosen, {}), input.dim());
    if (mode != "constant") {
      frame.values[y] = at::pad(input, OfTrailingAxes(pairs), mode == "edge" ? "replicate" : mode);
      return;
    }
    const bool filled = value >= 0 && frame.values[value].numel() > 0;
    const double fill = filled ? frame.values[value].item<double>() : 0;
    frame.values[y] = at::constant_pad_nd(input, pairs, fill);
  };
}

// Negative indices count from the end.
at::Tensor Counted(const at::Tensor& indices, int64_t size) {
  const at::Tensor whole = indices.to(at::kLong);
  return at::where(whole.lt(0), whole + size, whole);
}

Expected<Apply> LowerGather(const NodeView& view) {
  const int64_t attribute = view.node.Int("axis", 0);
  const int x = view.In(0), indices = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    const int64_t axis = Wrap(attribute, input.dim());
    const at::Tensor index = Counted(frame.values[indices], input.size(axis));
    std::vector<int64_t> shape(input.sizes().begin(), input.sizes().begin() + axis);
    shape.insert(shape.end(), index.sizes().begin(), index.sizes().end());
    shape.insert(shape.end(), input.sizes().begin() + axis + 1, input.sizes().end());
    frame.values[y] = at::index_select(input, axis, index.reshape({-1})).reshape(shape);
  };
}

Expected<Apply> LowerGatherElements(const NodeView& view) {
  const int64_t attribute = view.node.Int("axis", 0);
  const int x = view.In(0), indices = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    const int64_t axis = Wrap(attribute, input.dim());
    frame.values[y] = at::gather(input, axis, Counted(frame.values[indices], input.size(axis)));
  };
}

// One tensor of indices for each axis of `x` that `indices` [..., axes] choose from, behind
// `shared` axes along which both go together.
c10::List<std::optional<at::Tensor>> IndexLists(const at::Tensor& indices, int64_t shared) {
  c10::List<std::optional<at::Tensor>> lists;
  const int64_t rank = indices.dim() - 1;
  for (int64_t axis = 0; axis < shared; ++axis) {
    std::vector<int64_t> shape(static_cast<size_t>(rank), 1);
    shape[static_cast<size_t>(axis)] = indices.size(axis);
    lists.push_back(at::arange(indices.size(axis), at::kLong).reshape(shape));
  }
  for (const at::Tensor& list : indices.to(at::kLong).unbind(-1)) lists.push_back(list);
  return lists;
}

Expected<Apply> LowerGatherNd(const NodeView& view) {
  const int64_t shared = view.node.Int("batch_dims", 0);
  const int x = view.In(0), indices = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    frame.values[y] = at::index(frame.values[x], IndexLists(frame.values[indices], shared));
  };
}

Expected<Apply> LowerScatterNd(const NodeView& view) {
  const bool adds = view.node.String("reduction", "none") == "add";
  const int x = view.In(0), indices = view.In(1), updates = view.In(2), y = view.out[0];
  return [=](Frame& frame) {
    frame.values[y] = at::index_put(frame.values[x], IndexLists(frame.values[indices], 0),
                                    frame.values[updates].to(frame.values[x].scalar_type()), adds);
  };
}

// The two shapes are broadcast against each other.
Expected<Apply> LowerExpand(const NodeView& view) {
  const int x = view.In(0), target = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    const std::vector<int64_t> shape =
        at::infer_size(input.sizes(), Integers(frame.values[target]));
    frame.values[y] = input.expand(shape).clone();
  };
}

Expected<Apply> LowerTile(const NodeView& view) {
  const int x = view.In(0), repeats = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    frame.values[y] = frame.values[x].repeat(Integers(frame.values[repeats]));
  };
}

}  // namespace

Lowerings SelectionOperators() {
  return {{"Concat", LowerConcat},     {"Split", LowerSplit},
          {"Slice", LowerSlice},       {"Pad", LowerPad},
          {"Gather", LowerGather},     {"GatherElements", LowerGatherElements},
          {"GatherND", LowerGatherNd}, {"ScatterND", LowerScatterNd},
          {"Expand", LowerExpand},     {"Tile", LowerTile}};
}

}  // namespace nacre::train_internal
