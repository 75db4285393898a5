// Operations that slide a window over the spatial axes: convolutions and pooling.
#include "graph/shape_rules.h"

namespace nacre::graph_internal {
namespace {

struct Window {
  std::vector<int64_t> kernel, strides, dilations, pads;
  std::string auto_pad;
  bool ceil = false;

  // The output is as large as the input, up to the stride.
  bool pads_to_same() const { return auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER"; }
  // From the first to the last element that the window covers along spatial axis i.
  int64_t Reach(size_t i) const { return dilations[i] * (kernel[i] - 1) + 1; }
};

Expected<Window> ReadAttributes(const NodeView& view, size_t spatial,
                                const std::vector<int64_t>& kernel) {
  Window window;
  const std::vector<int64_t> ones(spatial, 1);
  NACRE_TRY(window.kernel, view.Ints("kernel_shape", kernel));
  NACRE_TRY(window.strides, view.Ints("strides", ones));
  NACRE_TRY(window.dilations, view.Ints("dilations", ones));
  NACRE_TRY(window.pads, view.Ints("pads", std::vector<int64_t>(2 * spatial, 0)));
  NACRE_TRY(window.auto_pad, view.String("auto_pad", "NOTSET"));
  if (window.auto_pad.empty()) window.auto_pad = "NOTSET";
  NACRE_TRY(window.ceil, view.Flag("ceil_mode", false));
  return window;
}

bool HasAxes(const Window& window, size_t spatial) {
  return window.kernel.size() == spatial && window.strides.size() == spatial &&
         window.dilations.size() == spatial && window.pads.size() == 2 * spatial;
}

// `kernel`: the spatial dimensions of the weight; empty where there is no weight.
Expected<Window> ReadWindow(const NodeView& view, size_t spatial,
                            const std::vector<int64_t>& kernel) {
  NACRE_TRY(Window window, ReadAttributes(view, spatial, kernel));
  if (!HasAxes(window, spatial)) {
    return Unfit("kernel, strides, dilations or pads do not fit " + std::to_string(spatial) +
                 " spatial axes");
  }
  for (size_t i = 0; i < spatial; ++i) {
    if (!kernel.empty() && !MayEqual(kernel[i], window.kernel[i])) {
      return Unfit("kernel_shape " + ToString(window.kernel) + " differs from the weight's " +
                   ToString(kernel));
    }
    if (window.strides[i] < 1 || window.dilations[i] < 1) return Unfit("a stride below 1");
  }
  return window;
}

// Positions of the window along spatial axis i when `room` elements are left beside its first
// position, of `in` elements with `front` elements of padding before them.
int64_t CountPositions(const Window& window, size_t i, int64_t room, int64_t in_and_front) {
  const int64_t stride = window.strides[i];
  if (!window.ceil) return room / stride + 1;
  // As in PyTorch and ONNX 1.16, a window that would begin in the padding behind the input does not
  // count.
  const int64_t steps = (room + stride - 1) / stride;
  return steps * stride >= in_and_front ? steps : steps + 1;
}

Expected<int64_t> Positions(const Window& window, size_t i, int64_t in) {
  if (in < 0) return kDynamic;
  if (window.pads_to_same()) return (in + window.strides[i] - 1) / window.strides[i];
  if (window.kernel[i] < 0) return kDynamic;
  const bool explicit_pads = window.auto_pad == "NOTSET";
  const int64_t front = explicit_pads ? window.pads[i] : 0;
  const int64_t back = explicit_pads ? window.pads[i + window.strides.size()] : 0;
  const int64_t room = in + front + back - window.Reach(i);
  if (room < 0) {
    return Unfit("a window of " + std::to_string(window.Reach(i)) + " over " + std::to_string(in) +
                 " elements");
  }
  return CountPositions(window, i, room, in + front);
}

// [batch, channels, positions of the window along each spatial axis of x].
Expected<Shape> Slide(const Window& window, const Shape& x, int64_t channels) {
  Shape out = {x[0], channels};
  for (size_t i = 0; i + 2 < x.size(); ++i) {
    NACRE_TRY(const int64_t size, Positions(window, i, x[i + 2]));
    out.push_back(size);
  }
  return out;
}

Expected<void> CheckConvolution(const NodeView& view) {
  const Shape &x = view.ShapeOf(0), &weight = view.ShapeOf(1);
  if (x.size() < 3 || weight.size() != x.size()) {
    return Unfit("input " + ToString(x) + " with weight " + ToString(weight));
  }
  NACRE_TRY(const int64_t groups, view.Int("group", 1));
  if (groups < 1) return Unfit("less than one group");
  return {};
}

Expected<void> CheckBias(const NodeView& view, int64_t channels) {
  if (view.Has(2) && (view.ShapeOf(2).size() != 1 || !MayEqual(view.ShapeOf(2)[0], channels))) {
    return Unfit("bias " + ToString(view.ShapeOf(2)) + " for " + std::to_string(channels) +
                 " channels");
  }
  return {};
}

Outputs Conv(const NodeView& view) {
  NACRE_CHECK_OK(CheckConvolution(view));
  const Shape &x = view.ShapeOf(0), &weight = view.ShapeOf(1);
  NACRE_TRY(const int64_t groups, view.Int("group", 1));
  if (weight[1] >= 0 && !MayEqual(x[1], weight[1] * groups)) {
    return Unfit("input " + ToString(x) + " with weight " + ToString(weight) + " in " +
                 std::to_string(groups) + " groups");
  }
  if (weight[0] >= 0 && weight[0] % groups != 0) return Unfit("groups do not divide the outputs");
  NACRE_CHECK_OK(CheckBias(view, weight[0]));
  NACRE_TRY(const Window window,
            ReadWindow(view, x.size() - 2, Shape(weight.begin() + 2, weight.end())));
  NACRE_TRY(Shape out, Slide(window, x, weight[0]));
  return Single(view.TypeOf(0), std::move(out));
}

// Of the output of a transposed convolution along spatial axis i.
Expected<int64_t> TransposedSize(const Window& window, size_t i, int64_t in, int64_t extra) {
  if (in < 0 || window.kernel[i] < 0) return kDynamic;
  const int64_t stride = window.strides[i];
  if (window.pads_to_same()) return in * stride;
  const int64_t cut =
      window.auto_pad == "VALID" ? 0 : window.pads[i] + window.pads[i + window.strides.size()];
  const int64_t size = stride * (in - 1) + extra + window.Reach(i) - cut;
  if (size < 1) return Unfit("an output without elements");
  return size;
}

// Attribute output_shape may hold batch and channels too; nothing where it is not given.
Expected<Shape> TransposedSizes(const NodeView& view, const Window& window, size_t spatial) {
  const Shape& x = view.ShapeOf(0);
  NACRE_TRY(const auto extra, view.Ints("output_padding", std::vector<int64_t>(spatial, 0)));
  NACRE_TRY(const auto wanted, view.Ints("output_shape"));
  if (extra.size() != spatial || (!wanted.empty() && wanted.size() < spatial)) {
    return Unfit("output_padding or output_shape do not fit");
  }
  if (!wanted.empty()) return Shape(wanted.end() - static_cast<int64_t>(spatial), wanted.end());
  Shape sizes;
  for (size_t i = 0; i < spatial; ++i) {
    NACRE_TRY(const int64_t size, TransposedSize(window, i, x[i + 2], extra[i]));
    sizes.push_back(size);
  }
  return sizes;
}

Outputs ConvTranspose(const NodeView& view) {
  NACRE_CHECK_OK(CheckConvolution(view));
  const Shape &x = view.ShapeOf(0), &weight = view.ShapeOf(1);
  if (!MayEqual(x[1], weight[0])) {
    return Unfit("input " + ToString(x) + " with weight " + ToString(weight));
  }
  NACRE_TRY(const int64_t groups, view.Int("group", 1));
  const int64_t channels = weight[1] < 0 ? kDynamic : weight[1] * groups;
  NACRE_CHECK_OK(CheckBias(view, channels));
  const size_t spatial = x.size() - 2;
  NACRE_TRY(const Window window,
            ReadWindow(view, spatial, Shape(weight.begin() + 2, weight.end())));
  NACRE_TRY(const Shape sizes, TransposedSizes(view, window, spatial));
  Shape out = {x[0], channels};
  out.insert(out.end(), sizes.begin(), sizes.end());
  return Single(view.TypeOf(0), std::move(out));
}

Outputs Pool(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  if (x.size() < 3) return Unfit("input " + ToString(x) + " has no spatial axes");
  NACRE_TRY(const Window window, ReadWindow(view, x.size() - 2, {}));
  NACRE_TRY(const Shape out, Slide(window, x, x[1]));
  std::vector<Value> values = {{"", view.TypeOf(0), out}};
  if (view.node.op == "MaxPool") values.push_back({"", DataType::kInt64, out});
  return values;
}

Expected<void> CheckMaxPool(const NodeView& view) {
  NACRE_TRY(const bool by_column, view.Flag("storage_order", false));
  if (by_column) return Unfit("MaxPool in column order");
  return {};
}

// Opset 18 added both.
Expected<void> CheckLpPool(const NodeView& view) {
  NACRE_TRY(const bool ceil, view.Flag("ceil_mode", false));
  NACRE_TRY(const std::vector<int64_t> dilations, view.Ints("dilations"));
  if (ceil || !dilations.empty()) return Unfit("LpPool with dilations or ceil_mode");
  return {};
}

Outputs GlobalPool(const NodeView& view) {
  Shape shape = view.ShapeOf(0);
  if (shape.size() < 3) return Unfit("input " + ToString(shape) + " has no spatial axes");
  for (size_t i = 2; i < shape.size(); ++i) shape[i] = 1;
  return Single(view.TypeOf(0), std::move(shape));
}

}  // namespace

std::vector<RuleEntry> WindowRules() {
  return {{"Conv", 2, Conv},
          {"ConvTranspose", 2, ConvTranspose},
          {"MaxPool", 1, Pool, CheckMaxPool},
          {"AveragePool", 1, Pool},
          {"LpPool", 1, Pool, CheckLpPool},
          {"GlobalMaxPool", 1, GlobalPool},
          {"GlobalAveragePool", 1, GlobalPool},
          {"GlobalLpPool", 1, GlobalPool}};
}

}  // namespace nacre::graph_internal
