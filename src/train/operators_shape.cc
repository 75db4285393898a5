#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

#include "train/convert.h"
#include "train/operators.h"

namespace nacre::train_internal {
namespace {

int64_t Wrap(int64_t axis, int64_t rank) { return axis < 0 ? axis + rank : axis; }

// Integers from input `slot` (opset 13 and later) or from the attribute.
std::vector<int64_t> Axes(const Frame& frame, int slot, const std::vector<int64_t>& attribute) {
  return slot >= 0 ? Integers(frame.values[slot]) : attribute;
}

Expected<Apply> LowerIdentity(const NodeView& view) {
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = frame.values[x]; };
}

Expected<Apply> LowerDropout(const NodeView& view) {
  if (view.out.size() > 1 && view.out[1] >= 0) {
    return Fail(ErrorKind::kModel, "the mask of Dropout cannot be trained");
  }
  return LowerIdentity(view);
}

Expected<Apply> LowerFlatten(const NodeView& view) {
  const int64_t axis = view.node.Int("axis", 1);
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    int64_t rows = 1;
    for (int64_t i = 0; i < Wrap(axis, input.dim()); ++i) rows *= input.size(i);
    frame.values[y] = at::reshape(input, {rows, rows == 0 ? 0 : input.numel() / rows});
  };
}

Expected<Apply> LowerReshape(const NodeView& view) {
  const bool allow_zero = view.node.Int("allowzero", 0) != 0;
  const int x = view.In(0), target = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    std::vector<int64_t> shape = Integers(frame.values[target]);
    for (size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == 0 && !allow_zero) shape[i] = input.size(i);
    }
    frame.values[y] = at::reshape(input, shape);
  };
}

Expected<Apply> LowerTranspose(const NodeView& view) {
  const std::vector<int64_t> order = view.node.Ints("perm");
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    std::vector<int64_t> permutation = order;
    if (permutation.empty()) {
      for (int64_t i = frame.values[x].dim(); i-- > 0;) permutation.push_back(i);
    }
    frame.values[y] = frame.values[x].permute(permutation);
  };
}

Expected<Apply> LowerSqueeze(const NodeView& view) {
  const std::vector<int64_t> attribute = view.node.Ints("axes");
  const int x = view.In(0), given = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    const std::vector<int64_t> axes = Axes(frame, given, attribute);
    frame.values[y] =
        axes.empty() ? at::squeeze(frame.values[x]) : at::squeeze(frame.values[x], axes);
  };
}

Expected<Apply> LowerUnsqueeze(const NodeView& view) {
  const std::vector<int64_t> attribute = view.node.Ints("axes");
  const int x = view.In(0), given = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    at::Tensor result = frame.values[x];
    std::vector<int64_t> axes = Axes(frame, given, attribute);
    const int64_t rank = result.dim() + static_cast<int64_t>(axes.size());
    for (int64_t& axis : axes) axis = Wrap(axis, rank);
    std::sort(axes.begin(), axes.end());
    for (int64_t axis : axes) result = at::unsqueeze(result, axis);
    frame.values[y] = result;
  };
}

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
    std::vector<int64_t> sizes = Axes(frame, given, attribute);
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
        PadPairs(Axes(frame, given, attribute), Axes(frame, chosen, {}), input.dim());
    if (mode != "constant") {
      frame.values[y] = at::pad(input, OfTrailingAxes(pairs), mode == "edge" ? "replicate" : mode);
      return;
    }
    const bool filled = value >= 0 && frame.values[value].numel() > 0;
    const double fill = filled ? frame.values[value].item<double>() : 0;
    frame.values[y] = at::constant_pad_nd(input, pairs, fill);
  };
}

Expected<Apply> LowerGather(const NodeView& view) {
  const int64_t attribute = view.node.Int("axis", 0);
  const int x = view.In(0), indices = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    const int64_t axis = Wrap(attribute, input.dim());
    at::Tensor index = frame.values[indices].to(at::kLong);
    index = at::where(index.lt(0), index + input.size(axis), index);
    std::vector<int64_t> shape(input.sizes().begin(), input.sizes().begin() + axis);
    shape.insert(shape.end(), index.sizes().begin(), index.sizes().end());
    shape.insert(shape.end(), input.sizes().begin() + axis + 1, input.sizes().end());
    frame.values[y] = at::index_select(input, axis, index.reshape({-1})).reshape(shape);
  };
}

template <bool kMean>
Expected<Apply> LowerReduce(const NodeView& view) {
  const std::vector<int64_t> attribute = view.node.Ints("axes");
  const bool keep = view.node.Int("keepdims", 1) != 0;
  const bool nothing = view.node.Int("noop_with_empty_axes", 0) != 0;
  const int x = view.In(0), given = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    std::vector<int64_t> axes = Axes(frame, given, attribute);
    if (axes.empty() && nothing) {
      frame.values[y] = input;
      return;
    }
    if (axes.empty()) {
      for (int64_t i = 0; i < input.dim(); ++i) axes.push_back(i);
    }
    frame.values[y] = kMean ? at::mean(input, axes, keep, SumType(input))
                            : at::sum(input, axes, keep, SumType(input));
  };
}

Expected<Apply> LowerExpand(const NodeView& view) {
  const int x = view.In(0), target = view.In(1), y = view.out[0];
  return [=](Frame& frame) {
    frame.values[y] =
        frame.values[x] * at::ones(Integers(frame.values[target]), frame.values[x].options());
  };
}

Expected<Apply> LowerShape(const NodeView& view) {
  const int64_t start = view.node.Int("start", 0);
  const int64_t end = view.node.Int("end", std::numeric_limits<int64_t>::max());
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const auto sizes = frame.values[x].sizes();
    frame.values[y] = SliceAxis(at::tensor(sizes, at::kLong), 0, start, end, 1);
  };
}

Expected<Apply> LowerConstantOfShape(const NodeView& view) {
  at::Tensor value = at::zeros({1});
  if (auto found = view.node.attributes.find("value"); found != view.node.attributes.end()) {
    value = ToTorch(std::get<Tensor>(found->second)).reshape({1});
  }
  const int shape = view.In(0), y = view.out[0];
  return
      [=](Frame& frame) { frame.values[y] = value.expand(Integers(frame.values[shape])).clone(); };
}

Expected<Apply> LowerConstant(const NodeView& view) {
  auto found = view.node.attributes.find("value");
  if (found == view.node.attributes.end())
    return Fail(ErrorKind::kModel, "only tensor constants can be trained");
  const at::Tensor value = ToTorch(std::get<Tensor>(found->second));
  const int y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = value; };
}

Expected<Apply> LowerCast(const NodeView& view) {
  at::ScalarType type;
  switch (static_cast<DataType>(view.node.Int("to", 1))) {
    case DataType::kFloat:
      type = at::kFloat;
      break;
    case DataType::kDouble:
      type = at::kDouble;
      break;
    case DataType::kInt64:
      type = at::kLong;
      break;
    case DataType::kInt32:
      type = at::kInt;
      break;
    case DataType::kBool:
      type = at::kBool;
      break;
    default:
      return Fail(ErrorKind::kModel, "Cast to this type cannot be trained");
  }
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = frame.values[x].to(type); };
}

}  // namespace

std::vector<int64_t> Integers(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.to(at::kLong).contiguous();
  const int64_t* data = plain.const_data_ptr<int64_t>();
  return {data, data + plain.numel()};
}

const std::map<std::string, Lowering>& ShapeOperators() {
  static const std::map<std::string, Lowering> table = {
      {"Identity", LowerIdentity},
      {"Dropout", LowerDropout},
      {"Flatten", LowerFlatten},
      {"Reshape", LowerReshape},
      {"Transpose", LowerTranspose},
      {"Squeeze", LowerSqueeze},
      {"Unsqueeze", LowerUnsqueeze},
      {"Concat", LowerConcat},
      {"Split", LowerSplit},
      {"Slice", LowerSlice},
      {"Pad", LowerPad},
      {"Gather", LowerGather},
      {"ReduceMean", LowerReduce<true>},
      {"ReduceSum", LowerReduce<false>},
      {"Expand", LowerExpand},
      {"Shape", LowerShape},
      {"Constant", LowerConstant},
      {"ConstantOfShape", LowerConstantOfShape},
      {"Cast", LowerCast},
  };
  return table;
}

}  // namespace nacre::train_internal
