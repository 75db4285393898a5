#include "space/kernels.h"

namespace nacre {
namespace {

// The weight, when it is a constant of a square kernel of odd size whose padding keeps the size.
const Tensor* SquareWeight(const Network& network, const Node& conv) {
  const Tensor* weight = conv.inputs.size() > 1 ? network.Initializer(conv.inputs[1]) : nullptr;
  if (conv.op != "Conv" || !weight || weight->type() != DataType::kFloat ||
      weight->shape().size() != 4)
    return nullptr;
  const int64_t kernel = weight->shape()[2];
  if (kernel != weight->shape()[3] || kernel % 2 == 0) return nullptr;
  if (conv.Ints("dilations", {1, 1}) != std::vector<int64_t>{1, 1}) return nullptr;
  if (conv.String("auto_pad", "NOTSET") != "NOTSET") return nullptr;
  if (conv.Ints("pads", {0, 0, 0, 0}) != std::vector<int64_t>(4, kernel / 2)) return nullptr;
  return weight;
}

Tensor Centre(const Tensor& weight, int64_t size) {
  const int64_t kernel = weight.shape()[2], skip = (kernel - size) / 2,
                planes = weight.shape()[0] * weight.shape()[1];
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
  return SquareWeight(network, conv) && conv.Int("group", 1) == 1;
}

int64_t KernelSize(const Network& network, const Node& conv) {
  return network.Initializer(conv.inputs[1])->shape()[2];
}

Tensor BiasOf(const Network& network, const Node& conv) {
  const Tensor* bias = conv.inputs.size() > 2 ? network.Initializer(conv.inputs[2]) : nullptr;
  if (bias) return *bias;
  const int64_t out = network.Initializer(conv.inputs[1])->shape()[0];
  return Tensor::Floats({out}, std::vector<float>(out, 0.0f));
}

bool ShrinkKernel(Network& network, size_t node) {
  Node& conv = network.nodes[node];
  const Tensor* weight = SquareWeight(network, conv);
  if (!weight || weight->shape()[2] <= 3) return false;
  const std::string name = network.FreshName(conv.inputs[1] + "/centre");
  network.initializers[name] = Centre(*weight, 3);
  conv.inputs[1] = name;
  conv.attributes["kernel_shape"] = std::vector<int64_t>{3, 3};
  conv.attributes["pads"] = std::vector<int64_t>(4, 1);
  return true;
}

bool ShrinkKernels(Network& network) {
  bool any = false;
  for (size_t i = 0; i < network.nodes.size(); ++i) any |= ShrinkKernel(network, i);
  if (any) RemoveDead(network);
  return any;
}

}  // namespace nacre
