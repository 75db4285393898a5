#include <ATen/ATen.h>

#include <cmath>
#include <limits>

#include "train/operators.h"
#include "train/window.h"

namespace nacre::train_internal {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// Below this nothing is told from zero: keeps the gradient of a root finite.
constexpr double kTiny = 1e-30;

using Sizes = std::vector<int64_t>;

Sizes FirstHalf(const Sizes& pads) {
  return {pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2)};
}

// Torch's pooling takes pads that are the same at both ends and at most half of the kernel.
bool FitsTorch(const Sizes& pads, const Sizes& kernel) {
  if (!Symmetric(pads)) return false;
  for (size_t i = 0; i < kernel.size(); ++i) {
    if (pads[i] > kernel[i] / 2) return false;
  }
  return true;
}

// Values and their places within the spatial axes of each channel of `x`.
std::tuple<at::Tensor, at::Tensor> MaxAndPlaces(const at::Tensor& x, const Window& window,
                                                const Sizes& pads, bool ceil) {
  const auto pool = [&](auto torch_pool) {
    return torch_pool(x, window.kernel, window.stride, pads, window.dilation, ceil);
  };
  if (window.rank() == 1) {
    const auto [values, places] =
        at::max_pool2d_with_indices(x.unsqueeze(2), {1, window.kernel[0]}, {1, window.stride[0]},
                                    {0, pads[0]}, {1, window.dilation[0]}, ceil);
    return {values.squeeze(2), places.squeeze(2)};
  }
  if (window.rank() == 2) return pool(at::max_pool2d_with_indices);
  return pool(at::max_pool3d_with_indices);
}

// Places in a padded image as places in the image.
at::Tensor Unpadded(at::Tensor places, const Sizes& padded, const Sizes& pads, const Sizes& sizes) {
  at::Tensor result = at::zeros_like(places);
  int64_t step = 1;
  for (size_t i = sizes.size(); i-- > 0;) {
    const at::Tensor along = places.remainder(padded[i]) - pads[i];
    places = places.div(padded[i], "floor");
    result = result + along * step;
    step *= sizes[i];
  }
  return result;
}

// ONNX counts places over the whole tensor.
at::Tensor OverAll(const at::Tensor& places, const at::Tensor& x) {
  const int64_t channels = x.size(0) * x.size(1);
  Sizes shape(static_cast<size_t>(x.dim()), 1);
  shape[0] = x.size(0);
  shape[1] = x.size(1);
  const int64_t area = channels == 0 ? 0 : x.numel() / channels;
  return places + at::arange(channels, at::kLong).reshape(shape) * area;
}

Sizes SpatialSizes(const at::Tensor& x) { return {x.sizes().begin() + 2, x.sizes().end()}; }

Expected<Apply> LowerMaxPool(const NodeView& view) {
  const Window given = ReadWindow(view.node);
  const int x = view.In(0), y = view.out[0], indices = view.out.size() > 1 ? view.out[1] : -1;
  return [=](Frame& frame) {
    const at::Tensor image = frame.values[x];
    const Window window = Fitted(given, given.kernel);
    at::Tensor input = image;
    Sizes pads = window.Pads(image);
    const bool fits = FitsTorch(pads, window.kernel);
    if (!fits) {
      pads = window.ExactPads(image);
      input = at::constant_pad_nd(image, TorchPads(pads), -kInfinity);
    }
    const Sizes own = fits ? FirstHalf(pads) : Sizes(window.rank(), 0);
    auto [values, places] = MaxAndPlaces(input, window, own, fits && window.ceil);
    frame.values[y] = values;
    if (indices < 0) return;
    if (!fits) places = Unpadded(places, SpatialSizes(input), pads, SpatialSizes(image));
    frame.values[indices] = OverAll(places, image);
  };
}

// The mean over each window; every place of the padded `x` counts.
at::Tensor Means(const at::Tensor& x, const Window& window) {
  const Sizes none(window.rank(), 0);
  const bool dense = window.dilation == Sizes(window.rank(), 1);
  if (dense && window.rank() == 1) return at::avg_pool1d(x, window.kernel, window.stride);
  if (dense && window.rank() == 2) return at::avg_pool2d(x, window.kernel, window.stride);
  if (dense) return at::avg_pool3d(x, window.kernel, window.stride);
  Sizes shape = {x.size(1), 1};
  shape.insert(shape.end(), window.kernel.begin(), window.kernel.end());
  const at::Tensor weight = at::ones(shape, x.options());
  const double area = static_cast<double>(weight.numel()) / static_cast<double>(x.size(1));
  return at::convolution(x, weight, std::nullopt, window.stride, none, window.dilation, false, none,
                         x.size(1)) /
         area;
}

// The share of each window that counts: of the image, or (`include`) of image and pads. What
// ceil_mode adds behind the pads never counts.
at::Tensor Shares(const at::Tensor& x, const Window& window, const Sizes& exact, bool include) {
  Sizes shape = {1, 1};
  Sizes around = exact;
  const Sizes pads = window.Pads(x);
  for (size_t i = 0; i < window.rank(); ++i) {
    int64_t size = x.size(static_cast<int64_t>(i) + 2);
    if (include) {
      size += pads[i] + pads[window.rank() + i];
      around[i] -= pads[i];
      around[window.rank() + i] -= pads[window.rank() + i];
    }
    shape.push_back(size);
  }
  const at::Tensor ones = at::ones(shape, x.options());
  return Means(at::constant_pad_nd(ones, TorchPads(around)), window);
}

bool AreZero(const Sizes& sizes) {
  return std::all_of(sizes.begin(), sizes.end(), [](int64_t size) { return size == 0; });
}

Expected<Apply> LowerAveragePool(const NodeView& view) {
  const Window given = ReadWindow(view.node);
  const bool include = view.node.Int("count_include_pad", 0) != 0;
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    const Window window = Fitted(given, given.kernel);
    const Sizes pads = window.Pads(input), exact = window.ExactPads(input);
    const bool dense = window.dilation == Sizes(window.rank(), 1);
    if (window.rank() == 2 && dense && FitsTorch(pads, window.kernel)) {
      frame.values[y] = at::avg_pool2d(input, window.kernel, window.stride, FirstHalf(pads),
                                       window.ceil, include);
      return;
    }
    const at::Tensor means = Means(at::constant_pad_nd(input, TorchPads(exact)), window);
    const bool whole = AreZero(exact) || (include && exact == pads);
    frame.values[y] = whole ? means : means / Shares(input, window, exact, include);
  };
}

// The root of sums of powers; `power` is attribute p.
at::Tensor Root(const at::Tensor& sums, double power) {
  return power == 1 ? sums : sums.clamp_min(kTiny).pow(1 / power);
}

Expected<Apply> LowerLpPool(const NodeView& view) {
  const Window given = ReadWindow(view.node);
  const auto power = static_cast<double>(view.node.Int("p", 2));
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    const Window window = Fitted(given, given.kernel);
    double area = 1;
    for (const int64_t size : window.kernel) area *= static_cast<double>(size);
    const at::Tensor powers = AsFloat(input).abs().pow(power);
    const Sizes pads = window.ExactPads(input);
    frame.values[y] =
        Root(Means(at::constant_pad_nd(powers, TorchPads(pads)), window) * area, power);
  };
}

Expected<Apply> LowerGlobalAverage(const NodeView& view) {
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    frame.values[y] = at::mean(input, Axes(2, input.dim() - 2), true, SumType(input));
  };
}

Expected<Apply> LowerGlobalMax(const NodeView& view) {
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    frame.values[y] = at::amax(input, Axes(2, input.dim() - 2), true);
  };
}

Expected<Apply> LowerGlobalLp(const NodeView& view) {
  const auto power = static_cast<double>(view.node.Int("p", 2));
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor powers = AsFloat(frame.values[x]).abs().pow(power);
    frame.values[y] = Root(at::sum(powers, Axes(2, powers.dim() - 2), true), power);
  };
}

}  // namespace

Lowerings PoolOperators() {
  return {{"MaxPool", LowerMaxPool},         {"AveragePool", LowerAveragePool},
          {"LpPool", LowerLpPool},           {"GlobalAveragePool", LowerGlobalAverage},
          {"GlobalMaxPool", LowerGlobalMax}, {"GlobalLpPool", LowerGlobalLp}};
}

}  // namespace nacre::train_internal
