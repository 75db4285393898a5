// What convolutions and pooling slide over the spatial axes.
// Private to train/.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "graph/network.h"

namespace nacre::train_internal {

// One number a spatial axis; pads two: those in front, then those behind. An attribute that is not
// given is empty until Fitted has seen how many axes there are.
struct Window {
  std::vector<int64_t> kernel, stride, dilation, pads;
  std::string auto_pad;
  bool ceil = false;

  size_t rank() const { return stride.size(); }
  // From the first to the last element that the window covers along spatial axis i.
  int64_t Reach(size_t i) const { return dilation[i] * (kernel[i] - 1) + 1; }
  // Pads of this input: SAME_* depend on its size (ONNX Conv, attribute auto_pad).
  std::vector<int64_t> Pads(const at::Tensor& x) const;
  // Positions along spatial axis i of an input of `size` elements with these pads. With ceil_mode a
  // window that would begin in the padding behind the input does not count, as in ONNX Runtime and
  // PyTorch.
  int64_t Positions(size_t i, int64_t size, const std::vector<int64_t>& pads) const;
  // Pads with which no window is dropped and none is cut: those in front, and behind what the last
  // window reaches.
  std::vector<int64_t> ExactPads(const at::Tensor& x) const;
};

Window ReadWindow(const Node& node);
// With the defaults of what is not given. `kernel`: spatial sizes of the weight, or those of the
// attribute.
Window Fitted(Window window, std::vector<int64_t> kernel);

// The same at both ends of every axis.
bool Symmetric(const std::vector<int64_t>& pads);
// ONNX pads as torch wants them for padding a tensor: last axis first, pairs.
std::vector<int64_t> TorchPads(const std::vector<int64_t>& pads);

}  // namespace nacre::train_internal
