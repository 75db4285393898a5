#include "space/kernels.h"

#include "graph/kernel.h"

namespace nacre::space_internal {
namespace {

constexpr int64_t kSmall = 3;

}  // namespace

bool IsSimple(const Network& network, const Node& conv) {
  return SquareKernel(network, conv) > 0 && conv.Int("group", 1) == 1;
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

bool ShrinkKernel(Network& network, size_t node) { return CropKernel(network, node, kSmall); }

bool ShrinkKernels(Network& network) {
  bool any = false;
  for (size_t i = 0; i < network.nodes.size(); ++i) any |= ShrinkKernel(network, i);
  if (any) RemoveDead(network);
  return any;
}

}  // namespace nacre::space_internal
