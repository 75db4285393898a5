#include "train/window.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace nacre::train_internal {

std::vector<int64_t> Window::Pads(const at::Tensor& x) const {
  if (auto_pad == "NOTSET") return pads;
  std::vector<int64_t> result(2 * rank(), 0);
  if (auto_pad == "VALID") return result;
  for (size_t i = 0; i < rank(); ++i) {
    const int64_t size = x.size(static_cast<int64_t>(i) + 2);
    const int64_t out = (size + stride[i] - 1) / stride[i];
    const int64_t total = std::max<int64_t>(0, (out - 1) * stride[i] + Reach(i) - size);
    result[i] = auto_pad == "SAME_LOWER" ? (total + 1) / 2 : total / 2;
    result[rank() + i] = total - result[i];
  }
  return result;
}

int64_t Window::Positions(size_t i, int64_t size, const std::vector<int64_t>& around) const {
  const int64_t room = size + around[i] + around[rank() + i] - Reach(i);
  if (!ceil) return room / stride[i] + 1;
  const int64_t steps = (room + stride[i] - 1) / stride[i];
  return steps * stride[i] >= size + around[i] ? steps : steps + 1;
}

std::vector<int64_t> Window::ExactPads(const at::Tensor& x) const {
  std::vector<int64_t> result = Pads(x);
  for (size_t i = 0; i < rank(); ++i) {
    const int64_t size = x.size(static_cast<int64_t>(i) + 2);
    const int64_t last = (Positions(i, size, result) - 1) * stride[i];
    result[rank() + i] = last + Reach(i) - size - result[i];
  }
  return result;
}

Window ReadWindow(const Node& node) {
  Window window;
  window.kernel = node.Ints("kernel_shape");
  window.stride = node.Ints("strides");
  window.dilation = node.Ints("dilations");
  window.pads = node.Ints("pads");
  window.auto_pad = node.String("auto_pad", "NOTSET");
  if (window.auto_pad.empty()) window.auto_pad = "NOTSET";
  window.ceil = node.Int("ceil_mode", 0) != 0;
  return window;
}

Window Fitted(Window window, std::vector<int64_t> kernel) {
  const size_t rank = kernel.size();
  window.kernel = std::move(kernel);
  if (window.stride.empty()) window.stride.assign(rank, 1);
  if (window.dilation.empty()) window.dilation.assign(rank, 1);
  if (window.pads.empty()) window.pads.assign(2 * rank, 0);
  return window;
}

bool Symmetric(const std::vector<int64_t>& pads) {
  const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2);
  return std::equal(pads.begin(), middle, middle);
}

std::vector<int64_t> TorchPads(const std::vector<int64_t>& pads) {
  const size_t rank = pads.size() / 2;
  std::vector<int64_t> result;
  for (size_t i = rank; i-- > 0;) {
    result.push_back(pads[i]);
    result.push_back(pads[rank + i]);
  }
  return result;
}

}  // namespace nacre::train_internal
