#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

#include "train/fake_quantize.h"
#include "train/norm.h"
#include "train/operators.h"

namespace nacre::train_internal {
namespace {

std::vector<int64_t> OrOnes(std::vector<int64_t> values, size_t rank) {
  if (values.empty()) values.assign(rank, 1);
  return values;
}

// ONNX pads (begins, then ends) as torch wants them for padding a tensor: last axis first, pairs.
std::vector<int64_t> TorchPads(const std::vector<int64_t>& pads) {
  const size_t rank = pads.size() / 2;
  std::vector<int64_t> result;
  for (size_t i = rank; i-- > 0;) {
    result.push_back(pads[i]);
    result.push_back(pads[rank + i]);
  }
  return result;
}

bool Symmetric(const std::vector<int64_t>& pads) {
  const size_t rank = pads.size() / 2;
  return std::equal(pads.begin(), pads.begin() + rank, pads.begin() + rank);
}

// What Conv and pooling slide over the spatial axes; one number an axis, pads two.
struct Window {
  std::vector<int64_t> kernel, stride, dilation, pads;
  std::string auto_pad;

  // Pads of this input; SAME_* depend on its size (ONNX Conv, attribute auto_pad).
  std::vector<int64_t> Pads(const at::Tensor& x) const {
    const size_t rank = stride.size();
    if (auto_pad == "NOTSET") return pads;
    std::vector<int64_t> result(2 * rank, 0);
    if (auto_pad == "VALID") return result;
    for (size_t i = 0; i < rank; ++i) {
      const int64_t size = x.size(i + 2), out = (size + stride[i] - 1) / stride[i];
      const int64_t total =
          std::max<int64_t>(0, (out - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + 1 - size);
      result[i] = auto_pad == "SAME_LOWER" ? (total + 1) / 2 : total / 2;
      result[rank + i] = total - result[i];
    }
    return result;
  }
};

Window ReadWindow(const Node& node, size_t rank) {
  Window window;
  window.kernel = node.Ints("kernel_shape");
  window.stride = OrOnes(node.Ints("strides"), rank);
  window.dilation = OrOnes(node.Ints("dilations"), rank);
  window.pads = node.Ints("pads");
  if (window.pads.empty()) window.pads.assign(2 * rank, 0);
  window.auto_pad = node.String("auto_pad", "NOTSET");
  return window;
}

// A pointwise convolution as one matrix product over pixels. oneDNN's AVX2 kernel for the weight
// gradient of 1x1 convolutions (jit_avx2_1x1_convolution_bwd_weights_t, torch 2.13) waits for ever
// in its barrier for some shapes when it runs on several threads; the product is as fast.
at::Tensor Pointwise(at::Tensor input, const at::Tensor& weight, const at::Tensor& bias,
                     const std::vector<int64_t>& stride) {
  if (stride[0] > 1) input = input.slice(2, 0, c10::nullopt, stride[0]);
  if (stride[1] > 1) input = input.slice(3, 0, c10::nullopt, stride[1]);
  const at::Tensor pixels = input.permute({0, 2, 3, 1}).contiguous();
  return at::linear(pixels, weight.flatten(1), bias).permute({0, 3, 1, 2});
}

bool IsPointwise(const at::Tensor& weight, int64_t groups, const std::vector<int64_t>& pads) {
  return groups == 1 && weight.dim() == 4 && weight.size(2) == 1 && weight.size(3) == 1 &&
         std::all_of(pads.begin(), pads.end(), [](int64_t pad) { return pad == 0; });
}

// Undefined for -1, an optional input that is not given.
at::Tensor At(const Frame& frame, int slot) { return slot < 0 ? at::Tensor() : frame.values[slot]; }

// Number of spatial axes, from whichever attribute shows it; two when none does.
size_t SpatialRank(const Node& node) {
  const size_t kernel = node.Ints("kernel_shape").size();
  if (kernel > 0) return kernel;
  const size_t rank = std::max(node.Ints("strides").size(), node.Ints("pads").size() / 2);
  return rank > 0 ? rank : 2;
}

// One pad an axis for torch's operator. Pads that differ between the two ends, which it does not
// take, are put around the input instead.
std::vector<int64_t> PadsOfConvolution(Window window, const at::Tensor& weight, at::Tensor& input) {
  if (window.kernel.empty()) window.kernel.assign(weight.sizes().begin() + 2, weight.sizes().end());
  std::vector<int64_t> pads = window.Pads(input);
  if (!Symmetric(pads)) {
    input = at::constant_pad_nd(input, TorchPads(pads));
    pads.assign(pads.size(), 0);
  }
  pads.resize(pads.size() / 2);
  return pads;
}

at::Tensor Convolve(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
                    const Window& window, const std::vector<int64_t>& pads, int64_t groups) {
  if (IsPointwise(weight, groups, pads)) return Pointwise(input, weight, bias, window.stride);
  const std::vector<int64_t> no_output_padding(pads.size(), 0);
  return at::convolution(input, weight, bias.defined() ? std::optional(bias) : std::nullopt,
                         window.stride, pads, window.dilation, false, no_output_padding, groups);
}

// `factor` is the slot of the factors on the scales, -1 where they are not learned.
at::Tensor WeightAt(const Frame& frame, int slot, int bits, int factor, int64_t axis) {
  const at::Tensor& weight = frame.values[slot];
  return bits > 0 ? FakeQuantizeWeight(weight, At(frame, factor), axis, bits) : weight;
}

Expected<Apply> LowerConv(const NodeView& view) {
  const Window window = ReadWindow(view.node, SpatialRank(view.node));
  const int64_t groups = view.node.Int("group", 1);
  const int x = view.In(0), w = view.In(1), b = view.In(2), y = view.out[0];
  const int bits = view.weight_bits, factor = view.factor;
  const bool bf16 = view.bf16;
  return [=](Frame& frame) {
    at::Tensor input = frame.values[x];
    at::Tensor weight = WeightAt(frame, w, bits, factor, 0);
    at::Tensor bias = At(frame, b);
    const std::vector<int64_t> pads = PadsOfConvolution(window, weight, input);
    if (bf16) {
      for (at::Tensor* tensor : {&input, &weight, &bias}) {
        if (tensor->defined()) *tensor = tensor->to(at::kBFloat16);
      }
    }
    frame.values[y] = Convolve(input, weight, bias, window, pads, groups);
  };
}

Expected<Apply> LowerBatchNorm(const NodeView& view) {
  const double epsilon = view.node.Float("epsilon", 1e-5f);
  const double momentum = 1.0 - view.node.Float("momentum", 0.9f);
  const int x = view.In(0), w = view.In(1), b = view.In(2), mean = view.In(3);
  const int variance = view.In(4), residual = view.In(5), y = view.out[0];
  const bool relu = view.relu;
  return [=](Frame& frame) {
    auto& values = frame.values;
    const Norm norm{.scale = values[w],
                    .bias = values[b],
                    .mean = values[mean],
                    .variance = values[variance],
                    .training = frame.mode.training,
                    .relu = relu,
                    .momentum = frame.mode.statistics >= 0 ? frame.mode.statistics : momentum,
                    .epsilon = epsilon};
    values[y] = Normalized(norm, values[x], At(frame, residual));
  };
}

// Matrix products are of floats: parameters are, whatever the convolutions before them computed in.
at::Tensor AsFloat(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kBFloat16 ? tensor.to(at::kFloat) : tensor;
}

Expected<Apply> LowerGemm(const NodeView& view) {
  const bool trans_a = view.node.Int("transA", 0) != 0;
  const bool trans_b = view.node.Int("transB", 0) != 0;
  const float alpha = view.node.Float("alpha", 1);
  const float beta = view.node.Float("beta", 1);
  const int a = view.In(0), b = view.In(1), c = view.In(2), y = view.out[0];
  const int bits = view.weight_bits, factor = view.factor;
  return [=](Frame& frame) {
    const at::Tensor left = AsFloat(trans_a ? frame.values[a].t() : frame.values[a]);
    at::Tensor right = WeightAt(frame, b, bits, factor, trans_b ? 0 : 1);
    if (trans_b) right = right.t();
    at::Tensor& result = frame.values[y];
    if (c >= 0) {
      result = at::addmm(frame.values[c], left, right, beta, alpha);
    } else {
      result = at::mm(left, right);
      if (alpha != 1) result.mul_(alpha);
    }
  };
}

Expected<Apply> LowerMatMul(const NodeView& view) {
  const int a = view.In(0), b = view.In(1), y = view.out[0];
  const int bits = view.weight_bits, factor = view.factor;
  return [=](Frame& frame) {
    const int own_bits = frame.values[b].dim() == 2 ? bits : 0;
    const at::Tensor right = WeightAt(frame, b, own_bits, factor, 1);
    frame.values[y] = at::matmul(AsFloat(frame.values[a]), right);
  };
}

// Torch's pooling takes pads that are the same at both ends and at most half of the kernel.
bool FitsPool(const std::vector<int64_t>& pads, const std::vector<int64_t>& kernel) {
  if (!Symmetric(pads)) return false;
  for (size_t i = 0; i < kernel.size(); ++i) {
    if (pads[i] > kernel[i] / 2) return false;
  }
  return true;
}

Expected<Apply> LowerMaxPool(const NodeView& view) {
  const Window window = ReadWindow(view.node, 2);
  if (window.kernel.size() != 2)
    return Fail(ErrorKind::kModel, "only two-dimensional pooling can be trained");
  if (view.out.size() > 1)
    return Fail(ErrorKind::kModel, "the indices of MaxPool cannot be trained");
  const bool ceil = view.node.Int("ceil_mode", 0) != 0;
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    at::Tensor input = frame.values[x];
    std::vector<int64_t> pads = window.Pads(input);
    if (!FitsPool(pads, window.kernel)) {
      input = at::constant_pad_nd(input, TorchPads(pads), -std::numeric_limits<float>::infinity());
      pads.assign(4, 0);
    }
    pads.resize(2);
    frame.values[y] =
        at::max_pool2d(input, window.kernel, window.stride, pads, window.dilation, ceil);
  };
}

Expected<Apply> LowerAveragePool(const NodeView& view) {
  const Window window = ReadWindow(view.node, 2);
  if (window.kernel.size() != 2)
    return Fail(ErrorKind::kModel, "only two-dimensional pooling can be trained");
  const bool ceil = view.node.Int("ceil_mode", 0) != 0;
  const bool include = view.node.Int("count_include_pad", 0) != 0;
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    std::vector<int64_t> pads = window.Pads(input);
    const std::vector<int64_t> around = TorchPads(pads);
    auto pool = [&](const at::Tensor& t, const std::vector<int64_t>& padding) {
      return at::avg_pool2d(t, window.kernel, window.stride, padding, ceil, include);
    };
    if (FitsPool(pads, window.kernel)) {
      pads.resize(2);
      frame.values[y] = pool(input, pads);
      return;
    }
    at::Tensor padded = pool(at::constant_pad_nd(input, around), {0, 0});
    if (!include) {  // divide by the share of each window that is image
      const at::Tensor ones = at::ones({1, 1, input.size(2), input.size(3)}, input.options());
      padded = padded / pool(at::constant_pad_nd(ones, around), {0, 0});
    }
    frame.values[y] = padded;
  };
}

std::vector<int64_t> SpatialAxes(const at::Tensor& x) {
  std::vector<int64_t> axes;
  for (int64_t i = 2; i < x.dim(); ++i) axes.push_back(i);
  return axes;
}

Expected<Apply> LowerGlobalAverage(const NodeView& view) {
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor& input = frame.values[x];
    frame.values[y] = at::mean(input, SpatialAxes(input), true, SumType(input));
  };
}

Expected<Apply> LowerGlobalMax(const NodeView& view) {
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) {
    frame.values[y] = at::amax(frame.values[x], SpatialAxes(frame.values[x]), true);
  };
}

}  // namespace

const std::map<std::string, Lowering>& LayerOperators() {
  static const std::map<std::string, Lowering> table = {
      {"Conv", LowerConv},
      {"BatchNormalization", LowerBatchNorm},
      {"Gemm", LowerGemm},
      {"MatMul", LowerMatMul},
      {"MaxPool", LowerMaxPool},
      {"AveragePool", LowerAveragePool},
      {"GlobalAveragePool", LowerGlobalAverage},
      {"GlobalMaxPool", LowerGlobalMax},
  };
  return table;
}

}  // namespace nacre::train_internal
