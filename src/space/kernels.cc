#include "space/kernels.h"

namespace nacre::space_internal {
namespace {

constexpr int64_t kSmall = 3;

// The weight [out, in / groups, height, width] when it is a constant.
const Tensor* ConstantWeight(const Network& network, const Node& conv) {
  if (conv.op != "Conv" || conv.inputs.size() < 2) return nullptr;
  const Tensor* weight = network.Initializer(conv.inputs[1]);
  if (weight == nullptr || weight->type() != DataType::kFloat) return nullptr;
  return weight->shape().size() == 4 ? weight : nullptr;
}

// Whether the convolution is dense and its padding keeps the size at stride 1.
bool KeepsSize(const Node& conv, int64_t kernel) {
  return conv.Ints("dilations", {1, 1}) == std::vector<int64_t>{1, 1} &&
         conv.String("auto_pad", "NOTSET") == "NOTSET" &&
         conv.Ints("pads", {0, 0, 0, 0}) == std::vector<int64_t>(4, kernel / 2);
}

// The weight when it is a constant of a square kernel of odd size whose padding keeps the size.
const Tensor* SquareWeight(const Network& network, const Node& conv) {
  const Tensor* weight = ConstantWeight(network, conv);
  if (weight == nullptr) return nullptr;
  const int64_t kernel = weight->shape()[2];
  if (kernel != weight->shape()[3] || kernel % 2 == 0) return nullptr;
  return KeepsSize(conv, kernel) ? weight : nullptr;
}

Tensor Centre(const Tensor& weight, int64_t size) {
  const int64_t kernel = weight.shape()[2];
  const int64_t skip = (kernel - size) / 2;
  const int64_t planes = weight.shape()[0] * weight.shape()[1];
  std::vector<float> centre;
  for (int64_t p = 0; p < planes; ++p) {
    for (int64_t y = 0; y < size; ++y) {
      for (int64_t x = 0; x < size; ++x)
        centre.push_back(weight.floats()[(p * kernel + y + skip) * kernel + x + skip]);
    }
  }
  return Tensor::Floats({weight.shape()[0], weight.shape()[1], size, size}, centre);
}

}  // namespace

bool IsSimple(const Network& network, const Node& conv) {
  return SquareWeight(network, conv) != nullptr && conv.Int("group", 1) == 1;
}

int64_t KernelSize(const Network& network, const Node& conv) {
  return network.Initializer(conv.inputs[1])->shape()[2];
}

Tensor BiasOf(const Network& network, const Node& conv) {
  const Tensor* bias = conv.inputs.size() > 2 ? network.Initializer(conv.inputs[2]) : nullptr;
  if (bias != nullptr) return *bias;
  const int64_t out = network.Initializer(conv.inputs[1])->shape()[0];
  return Tensor::Floats({out}, std::vector<float>(out, 0.0f));
}

bool ShrinkKernel(Network& network, size_t node) {
  Node& conv = network.nodes[node];
  const Tensor* weight = SquareWeight(network, conv);
  if (weight == nullptr || weight->shape()[2] <= kSmall) return false;
  const std::string name = network.FreshName(conv.inputs[1] + "/centre");
  network.initializers[name] = Centre(*weight, kSmall);
  conv.inputs[1] = name;
  conv.attributes["kernel_shape"] = std::vector<int64_t>{kSmall, kSmall};
  conv.attributes["pads"] = std::vector<int64_t>(4, kSmall / 2);
  return true;
}

bool ShrinkKernels(Network& network) {
  bool any = false;
  for (size_t i = 0; i < network.nodes.size(); ++i) any |= ShrinkKernel(network, i);
  if (any) RemoveDead(network);
  return any;
}

}  // namespace nacre::space_internal
