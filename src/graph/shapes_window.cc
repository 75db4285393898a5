// Operations that slide a window over the spatial axes: convolutions and pooling.
#include "graph/shape_rules.h"

namespace nacre {
namespace {

struct Window {
  std::vector<int64_t> kernel, strides, dilations, pads;
  std::string auto_pad;
  bool ceil = false;
};

Expected<Window> ReadWindow(const Node& node, size_t spatial, std::vector<int64_t> kernel) {
  Window window;
  window.kernel = node.Ints("kernel_shape", kernel);
  window.strides = node.Ints("strides", std::vector<int64_t>(spatial, 1));
  window.dilations = node.Ints("dilations", std::vector<int64_t>(spatial, 1));
  window.pads = node.Ints("pads", std::vector<int64_t>(2 * spatial, 0));
  window.auto_pad = node.String("auto_pad", "NOTSET");
  if (window.auto_pad.empty()) window.auto_pad = "NOTSET";
  window.ceil = node.Int("ceil_mode", 0) != 0;
  if (window.kernel.size() != spatial || window.strides.size() != spatial ||
      window.dilations.size() != spatial || window.pads.size() != 2 * spatial) {
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

// Positions of the window along spatial axis i. As in PyTorch and ONNX 1.16, a window that would
// begin in the padding behind the input does not count.
Expected<int64_t> Positions(const Window& window, size_t i, int64_t in) {
  if (in < 0) return kDynamic;
  const int64_t stride = window.strides[i];
  if (window.auto_pad == "SAME_UPPER" || window.auto_pad == "SAME_LOWER") {
    return (in + stride - 1) / stride;
  }
  if (window.kernel[i] < 0) return kDynamic;
  const bool explicit_pads = window.auto_pad == "NOTSET";
  const int64_t front = explicit_pads ? window.pads[i] : 0;
  const int64_t back = explicit_pads ? window.pads[i + window.strides.size()] : 0;
  const int64_t reach = window.dilations[i] * (window.kernel[i] - 1) + 1;
  const int64_t room = in + front + back - reach;
  if (room < 0) {
    return Unfit("a window of " + std::to_string(reach) + " over " + std::to_string(in) +
                 " elements");
  }
  int64_t steps = room / stride;
  if (window.ceil) {
    steps = (room + stride - 1) / stride;
    if (steps * stride >= in + front) --steps;
  }
  return steps + 1;
}

Expected<void> CheckConvolution(const NodeView& view) {
  const Shape &x = view.ShapeOf(0), &weight = view.ShapeOf(1);
  if (x.size() < 3 || weight.size() != x.size()) {
    return Unfit("input " + ToString(x) + " with weight " + ToString(weight));
  }
  if (view.node.Int("group", 1) < 1) return Unfit("less than one group");
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
  const int64_t groups = view.node.Int("group", 1);
  if (weight[1] >= 0 && !MayEqual(x[1], weight[1] * groups)) {
    return Unfit("input " + ToString(x) + " with weight " + ToString(weight) + " in " +
                 std::to_string(groups) + " groups");
  }
  if (weight[0] >= 0 && weight[0] % groups != 0) return Unfit("groups do not divide the outputs");
  NACRE_CHECK_OK(CheckBias(view, weight[0]));
  NACRE_TRY(const Window window,
            ReadWindow(view.node, x.size() - 2, Shape(weight.begin() + 2, weight.end())));
  Shape out = {x[0], weight[0]};
  for (size_t i = 0; i + 2 < x.size(); ++i) {
    NACRE_TRY(const int64_t size, Positions(window, i, x[i + 2]));
    out.push_back(size);
  }
  return Single(view.TypeOf(0), std::move(out));
}

Outputs ConvTranspose(const NodeView& view) {
  NACRE_CHECK_OK(CheckConvolution(view));
  const Shape &x = view.ShapeOf(0), &weight = view.ShapeOf(1);
  if (!MayEqual(x[1], weight[0])) {
    return Unfit("input " + ToString(x) + " with weight " + ToString(weight));
  }
  const size_t spatial = x.size() - 2;
  const int64_t channels = weight[1] < 0 ? kDynamic : weight[1] * view.node.Int("group", 1);
  NACRE_CHECK_OK(CheckBias(view, channels));
  NACRE_TRY(const Window window,
            ReadWindow(view.node, spatial, Shape(weight.begin() + 2, weight.end())));
  const auto extra = view.node.Ints("output_padding", std::vector<int64_t>(spatial, 0));
  const auto wanted = view.node.Ints("output_shape");
  if (extra.size() != spatial || (!wanted.empty() && wanted.size() < spatial)) {
    return Unfit("output_padding or output_shape do not fit");
  }
  Shape out = {x[0], channels};
  for (size_t i = 0; i < spatial; ++i) {
    const int64_t stride = window.strides[i];
    int64_t size = kDynamic;
    if (!wanted.empty()) {
      size = wanted[wanted.size() - spatial + i];
    } else if (x[i + 2] < 0 || window.kernel[i] < 0) {
      size = kDynamic;
    } else if (window.auto_pad.starts_with("SAME")) {
      size = x[i + 2] * stride;
    } else {
      const int64_t cut =
          window.auto_pad == "VALID" ? 0 : window.pads[i] + window.pads[i + spatial];
      size = stride * (x[i + 2] - 1) + extra[i] + window.dilations[i] * (window.kernel[i] - 1) + 1 -
             cut;
      if (size < 1) return Unfit("an output without elements");
    }
    out.push_back(size);
  }
  return Single(view.TypeOf(0), std::move(out));
}

Outputs Pool(const NodeView& view) {
  const Shape& x = view.ShapeOf(0);
  if (x.size() < 3) return Unfit("input " + ToString(x) + " has no spatial axes");
  NACRE_TRY(const Window window, ReadWindow(view.node, x.size() - 2, {}));
  Shape out = {x[0], x[1]};
  for (size_t i = 0; i + 2 < x.size(); ++i) {
    NACRE_TRY(const int64_t size, Positions(window, i, x[i + 2]));
    out.push_back(size);
  }
  std::vector<Value> values = {{"", view.TypeOf(0), out}};
  if (view.node.op == "MaxPool") values.push_back({"", DataType::kInt64, out});
  return values;
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
          {"MaxPool", 1, Pool},
          {"AveragePool", 1, Pool},
          {"GlobalMaxPool", 1, GlobalPool},
          {"GlobalAveragePool", 1, GlobalPool}};
}

}  // namespace nacre
