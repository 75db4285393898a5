// Resize and Upsample, axis by axis: each output element is a weighted sum of elements of the input
// along the axis. Where torch's own interpolation means the same, it is taken, for it is faster.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "train/operators.h"

namespace nacre::train_internal {
namespace {

struct Settings {
  std::string mode, coordinates, rounding;
  float cubic = -0.75f;
  bool exclude_outside = false;
};

// One axis: `scale` is the size of an input element in output elements.
struct Stretch {
  int64_t axis = 0, in = 0, out = 0;
  float scale = 1;
};

Settings ReadSettings(const Node& node) {
  if (node.op == "Upsample") return {node.String("mode", "nearest"), "asymmetric", "floor"};
  return {node.String("mode", "nearest"),
          node.String("coordinate_transformation_mode", "half_pixel"),
          node.String("nearest_mode", "round_prefer_floor"), node.Float("cubic_coeff_a", -0.75f),
          node.Int("exclude_outside", 0) != 0};
}

// Where output element `i` lies in the input (ONNX Resize, attribute
// coordinate_transformation_mode). In float, as ONNX Runtime computes it.
float Coordinate(const std::string& kind, const Stretch& stretch, int64_t i) {
  const auto at = static_cast<float>(i), in = static_cast<float>(stretch.in);
  const auto out = static_cast<float>(stretch.out);
  if (kind == "asymmetric") return at / stretch.scale;
  if (kind == "tf_half_pixel_for_nn") return (at + 0.5f) / stretch.scale;
  if (kind == "align_corners") return out == 1 ? 0 : at * (in - 1) / (out - 1);
  if (kind == "pytorch_half_pixel" && out == 1) return 0;
  const float half = (at + 0.5f) / stretch.scale - 0.5f;
  if (kind != "half_pixel_symmetric") return half;
  return in / 2 * (1 - out / (stretch.scale * in)) + half;
}

float Rounded(const std::string& rounding, float at) {
  if (rounding == "floor") return std::floor(at);
  if (rounding == "ceil") return std::ceil(at);
  return rounding == "round_prefer_ceil" ? std::floor(at + 0.5f) : std::ceil(at - 0.5f);
}

std::vector<int64_t> NearestElements(const Settings& settings, const Stretch& stretch) {
  std::vector<int64_t> elements;
  for (int64_t i = 0; i < stretch.out; ++i) {
    const float at = Coordinate(settings.coordinates, stretch, i);
    const auto element = static_cast<int64_t>(Rounded(settings.rounding, at));
    elements.push_back(std::clamp<int64_t>(element, 0, stretch.in - 1));
  }
  return elements;
}

// Weights of the elements from `floor(at) + 1 - count / 2` on, `count` of them (Keys, cubic
// convolution interpolation, 1981).
std::vector<float> Taps(const Settings& settings, float at) {
  const float t = at - std::floor(at), a = settings.cubic;
  if (settings.mode == "linear") return {1 - t, t};
  const auto near = [a](float x) { return ((a + 2) * x - (a + 3)) * x * x + 1; };
  const auto far = [a](float x) { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a; };
  return {far(1 + t), near(t), near(1 - t), far(2 - t)};
}

// Adds the weights of one output element to its row of the matrix. Elements beyond the ends are
// those at the ends, or do not count.
void FillRow(const Settings& settings, const Stretch& stretch, float at, float* row) {
  const std::vector<float> taps = Taps(settings, at);
  const auto count = static_cast<int64_t>(taps.size());
  const int64_t first = static_cast<int64_t>(std::floor(at)) + 1 - count / 2;
  float sum = 0;
  for (int64_t k = 0; k < count; ++k) {
    const int64_t element = first + k;
    const bool outside = element < 0 || element >= stretch.in;
    if (outside && settings.exclude_outside) continue;
    row[std::clamp<int64_t>(element, 0, stretch.in - 1)] += taps[static_cast<size_t>(k)];
    sum += taps[static_cast<size_t>(k)];
  }
  if (!settings.exclude_outside) return;
  for (int64_t e = 0; e < stretch.in; ++e) row[e] /= sum;
}

// [out, in].
at::Tensor Matrix(const Settings& settings, const Stretch& stretch) {
  std::vector<float> weights(static_cast<size_t>(stretch.out * stretch.in), 0);
  for (int64_t i = 0; i < stretch.out; ++i) {
    float at = Coordinate(settings.coordinates, stretch, i);
    if (settings.mode == "linear") at = std::clamp(at, 0.0f, static_cast<float>(stretch.in - 1));
    FillRow(settings, stretch, at, weights.data() + i * stretch.in);
  }
  return at::tensor(weights, at::kFloat).reshape({stretch.out, stretch.in});
}

at::Tensor ResampleAxis(const at::Tensor& x, const Settings& settings, const Stretch& stretch) {
  if (settings.mode == "nearest") {
    return at::index_select(x, stretch.axis,
                            at::tensor(NearestElements(settings, stretch), at::kLong));
  }
  const at::Tensor matrix = Matrix(settings, stretch).to(x.scalar_type());
  return at::matmul(x.transpose(stretch.axis, -1), matrix.t()).transpose(stretch.axis, -1);
}

// Torch divides the axis into equal parts.
bool IsNearestOfTorch(const Settings& settings, const Stretch& stretch) {
  const std::vector<int64_t> elements = NearestElements(settings, stretch);
  for (int64_t i = 0; i < stretch.out; ++i) {
    if (elements[static_cast<size_t>(i)] != i * stretch.in / stretch.out) return false;
  }
  return stretch.out % stretch.in == 0;
}

bool IsLinearOfTorch(const Settings& settings, const Stretch& stretch) {
  if (settings.coordinates == "align_corners") return true;
  const bool half =
      settings.coordinates == "half_pixel" || settings.coordinates == "pytorch_half_pixel";
  const float out = stretch.scale * static_cast<float>(stretch.in);
  return half && stretch.out > 1 && out == static_cast<float>(stretch.out);
}

// The axes that change are height and width of an image, and torch means the same.
bool IsTorchs(const at::Tensor& x, const Settings& settings, const std::vector<Stretch>& all) {
  const bool image = x.dim() == 4 && all.size() == 2 && all[0].axis == 2 && all[1].axis == 3;
  if (!image || settings.mode == "cubic") return false;
  const auto same = settings.mode == "nearest" ? IsNearestOfTorch : IsLinearOfTorch;
  return std::all_of(all.begin(), all.end(),
                     [&](const Stretch& stretch) { return same(settings, stretch); });
}

at::Tensor Resampled(at::Tensor x, const Settings& settings, const std::vector<Stretch>& all) {
  if (IsTorchs(x, settings, all)) {
    const std::vector<int64_t> size = {all[0].out, all[1].out};
    if (settings.mode == "nearest") return at::upsample_nearest2d(x, size);
    return at::upsample_bilinear2d(x, size, settings.coordinates == "align_corners");
  }
  for (const Stretch& stretch : all) x = ResampleAxis(x, settings, stretch);
  return x;
}

bool IsGiven(const Frame& frame, int slot) { return slot >= 0 && frame.values[slot].numel() > 0; }

// The axes that change.
std::vector<Stretch> Stretches(const at::Tensor& x, const at::Tensor& scales,
                               const at::Tensor& sizes) {
  std::vector<Stretch> all;
  for (int64_t axis = 0; axis < x.dim(); ++axis) {
    Stretch stretch{.axis = axis, .in = x.size(axis)};
    if (scales.defined()) {
      stretch.scale = scales[axis].item<float>();
      stretch.out =
          static_cast<int64_t>(std::floor(static_cast<float>(stretch.in) * stretch.scale));
    } else {
      stretch.out = sizes[axis].item<int64_t>();
      stretch.scale = static_cast<float>(stretch.out) / static_cast<float>(stretch.in);
    }
    if (stretch.scale != 1) all.push_back(stretch);
  }
  return all;
}

// Inputs: Resize has X, roi, scales, sizes; Upsample X, scales.
Expected<Apply> LowerResize(const NodeView& view) {
  const Settings settings = ReadSettings(view.node);
  const int x = view.In(0), y = view.out[0];
  const int scales = view.In(view.node.op == "Upsample" ? 1 : 2), sizes = view.In(3);
  return [=](Frame& frame) {
    const bool by_sizes = IsGiven(frame, sizes);
    const at::Tensor& input = frame.values[x];
    frame.values[y] = Resampled(input, settings,
                                Stretches(input, by_sizes ? at::Tensor() : frame.values[scales],
                                          by_sizes ? frame.values[sizes] : at::Tensor()));
  };
}

}  // namespace

Lowerings ResizeOperators() { return {{"Resize", LowerResize}, {"Upsample", LowerResize}}; }

}  // namespace nacre::train_internal
