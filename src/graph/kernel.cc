#include "graph/kernel.h"

#include <cstring>
#include <string>
#include <vector>

namespace nacre {
namespace {

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

// Elements are moved, not read: they may stand for something else than numbers (graph/elastic.h).
Tensor Centre(const Tensor& weight, int64_t size) {
  const int64_t kernel = weight.shape()[2], skip = (kernel - size) / 2;
  const int64_t planes = weight.shape()[0] * weight.shape()[1];
  std::vector<std::byte> centre(static_cast<size_t>(planes * size * size) * sizeof(float));
  const size_t row = static_cast<size_t>(size) * sizeof(float);
  for (int64_t p = 0; p < planes; ++p) {
    for (int64_t y = 0; y < size; ++y) {
      const int64_t from = (p * kernel + y + skip) * kernel + skip;
      std::memcpy(centre.data() + static_cast<size_t>(p * size + y) * row,
                  weight.bytes().data() + static_cast<size_t>(from) * sizeof(float), row);
    }
  }
  return Tensor(DataType::kFloat, {weight.shape()[0], weight.shape()[1], size, size},
                std::move(centre));
}

}  // namespace

int64_t SquareKernel(const Network& network, const Node& node) {
  const Tensor* weight = ConstantWeight(network, node);
  if (weight == nullptr) return 0;
  const int64_t kernel = weight->shape()[2];
  if (kernel != weight->shape()[3] || kernel % 2 == 0) return 0;
  return KeepsSize(node, kernel) ? kernel : 0;
}

bool CropKernel(Network& network, size_t node, int64_t size) {
  Node& conv = network.nodes[node];
  if (SquareKernel(network, conv) <= size) return false;
  const std::string name = network.FreshName(conv.inputs[1] + "/centre");
  network.initializers[name] = Centre(*network.Initializer(conv.inputs[1]), size);
  conv.inputs[1] = name;
  conv.attributes["kernel_shape"] = std::vector<int64_t>{size, size};
  conv.attributes["pads"] = std::vector<int64_t>(4, size / 2);
  return true;
}

}  // namespace nacre
