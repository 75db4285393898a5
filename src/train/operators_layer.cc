#include <ATen/ATen.h>

#include <algorithm>

#include "train/fake_quantize.h"
#include "train/norm.h"
#include "train/operators.h"
#include "train/window.h"

namespace nacre::train_internal {
namespace {

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

std::vector<int64_t> SpatialSizes(const at::Tensor& tensor) {
  return {tensor.sizes().begin() + 2, tensor.sizes().end()};
}

// One pad an axis for torch's operator. Pads that differ between the two ends, which it does not
// take, are put around the input instead.
std::vector<int64_t> PadsOfConvolution(const Window& window, at::Tensor& input) {
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
  const Window given = ReadWindow(view.node);
  const int64_t groups = view.node.Int("group", 1);
  const int x = view.In(0), w = view.In(1), b = view.In(2), y = view.out[0];
  const int bits = view.weight_bits, factor = view.factor;
  const bool bf16 = view.bf16;
  return [=](Frame& frame) {
    at::Tensor input = frame.values[x];
    at::Tensor weight = WeightAt(frame, w, bits, factor, 0);
    at::Tensor bias = At(frame, b);
    const Window window = Fitted(given, SpatialSizes(weight));
    const std::vector<int64_t> pads = PadsOfConvolution(window, input);
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

// Attributes of a transposed convolution that make its output larger.
struct Extension {
  std::vector<int64_t> padding, shape;  // output_padding, output_shape; empty where not given

  int64_t Padding(size_t i) const { return padding.empty() ? 0 : padding[i]; }
  // output_shape may hold batch and channels, too.
  int64_t Size(size_t i, size_t rank) const { return shape[shape.size() - rank + i]; }
};

// Where the window of a transposed convolution begins and ends in the result without pads, and what
// is added behind it.
struct Crop {
  std::vector<int64_t> front, out;  // per spatial axis
};

// ONNX ConvTranspose, attributes pads, auto_pad, output_padding and output_shape; the larger half
// of an odd total is in front unless auto_pad says SAME_UPPER.
Crop CropOf(const Window& window, const Extension& extension, const at::Tensor& x) {
  Crop crop;
  const bool same = window.auto_pad.starts_with("SAME");
  for (size_t i = 0; i < window.rank(); ++i) {
    const int64_t in = x.size(static_cast<int64_t>(i) + 2);
    const int64_t full = window.stride[i] * (in - 1) + window.Reach(i) + extension.Padding(i);
    int64_t front = window.auto_pad == "NOTSET" ? window.pads[i] : 0;
    const int64_t back = window.auto_pad == "NOTSET" ? window.pads[window.rank() + i] : 0;
    int64_t out = full - front - back;
    if (same || !extension.shape.empty()) {
      out = extension.shape.empty() ? in * window.stride[i] : extension.Size(i, window.rank());
      const int64_t total = std::max<int64_t>(0, full - out);
      front = window.auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
    }
    crop.front.push_back(front);
    crop.out.push_back(out);
  }
  return crop;
}

// The result without pads, cut to the window; what lies behind its end is zero.
at::Tensor Cropped(const at::Tensor& full, const Crop& crop) {
  std::vector<int64_t> pads;
  for (size_t i = crop.out.size(); i-- > 0;) {
    const int64_t size = full.size(static_cast<int64_t>(i) + 2);
    pads.push_back(-crop.front[i]);
    pads.push_back(crop.out[i] - (size - crop.front[i]));
  }
  const bool whole = std::all_of(pads.begin(), pads.end(), [](int64_t pad) { return pad == 0; });
  return whole ? full : at::constant_pad_nd(full, pads);
}

Expected<Apply> LowerConvTranspose(const NodeView& view) {
  const Window given = ReadWindow(view.node);
  const Extension extension{view.node.Ints("output_padding"), view.node.Ints("output_shape")};
  const int64_t groups = view.node.Int("group", 1);
  const int x = view.In(0), w = view.In(1), b = view.In(2), y = view.out[0];
  return [=](Frame& frame) {
    const at::Tensor input = AsFloat(frame.values[x]);
    const at::Tensor &weight = frame.values[w], bias = At(frame, b);
    const Window window = Fitted(given, SpatialSizes(weight));
    const std::vector<int64_t> none(window.rank(), 0);
    const at::Tensor full = at::convolution(input, weight, std::nullopt, window.stride, none,
                                            window.dilation, true, none, groups);
    at::Tensor result = Cropped(full, CropOf(window, extension, input));
    if (bias.defined()) {
      std::vector<int64_t> shape(static_cast<size_t>(result.dim()), 1);
      shape[1] = -1;
      result = result + bias.reshape(shape);
    }
    frame.values[y] = result;
  };
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
    frame.values[y] = at::matmul(AsFloat(frame.values[a]), AsFloat(right));
  };
}

Expected<Apply> LowerEinsum(const NodeView& view) {
  const std::string equation = view.node.String("equation", "");
  const std::vector<int> in = view.in;
  const int y = view.out[0];
  return [=](Frame& frame) {
    std::vector<at::Tensor> operands;
    for (const int slot : in) operands.push_back(AsFloat(frame.values[slot]));
    frame.values[y] = at::einsum(equation, operands);
  };
}

}  // namespace

Lowerings LayerOperators() {
  return {{"Conv", LowerConv},
          {"ConvTranspose", LowerConvTranspose},
          {"BatchNormalization", LowerBatchNorm},
          {"Gemm", LowerGemm},
          {"MatMul", LowerMatMul},
          {"Einsum", LowerEinsum}};
}

}  // namespace nacre::train_internal
