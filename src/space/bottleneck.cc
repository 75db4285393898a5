#include "space/bottleneck.h"

#include <optional>
#include <string>

#include "graph/adjacency.h"
#include "graph/operations.h"

namespace nacre::space_internal {
namespace {

// The weight [out, in / groups, height, width]; null where the node is no such convolution.
const Tensor* WeightOf(const Network& network, const Node& node) {
  if (node.opaque() || node.op != "Conv" || node.inputs.size() < 2) return nullptr;
  const Tensor* weight = network.Initializer(node.inputs[1]);
  return weight != nullptr && weight->shape().size() == 4 ? weight : nullptr;
}

bool IsPointwise(const Network& network, const Node& node) {
  const Tensor* weight = WeightOf(network, node);
  return weight != nullptr && weight->shape()[2] == 1 && weight->shape()[3] == 1 &&
         node.Int("group", 1) == 1;
}

bool IsSpatial(const Network& network, const Node& node) {
  const Tensor* weight = WeightOf(network, node);
  if (weight == nullptr || weight->shape()[2] * weight->shape()[3] == 1) return false;
  return weight->shape()[1] > 1;  // not depthwise
}

// Whether the node's output has the channels of its first input, one by one.
bool PassesChannels(const Node& node) {
  return node.op == "BatchNormalization" || node.op == "Mul" || node.op == "Clip" ||
         TraitsOf(node.op).activation != ActivationClass::kNone;
}

// Between two convolutions of a bottleneck are a batch-norm, an activation and a gate. Longer
// chains are something else, and branches in branches would be walked again and again.
constexpr int kMostBetween = 6;

// The convolution behind which `value` is made, through what passes channels; of the two sides of a
// gate that which is not pooled.
std::optional<size_t> ConvolutionBefore(const Network& network, const Adjacency& adjacency,
                                        const std::string& value, int most = kMostBetween) {
  const auto producer = adjacency.Producer(value);
  if (!producer) return std::nullopt;
  const Node& node = network.nodes[*producer];
  if (node.op == "Conv") return producer;
  if (most == 0 || node.opaque() || !PassesChannels(node)) return std::nullopt;
  if (node.op != "Mul") return ConvolutionBefore(network, adjacency, node.inputs[0], most - 1);
  // The gate ends with a convolution of its own, which is pointwise.
  std::optional<size_t> found;
  for (const std::string& input : node.inputs) {
    const auto before = ConvolutionBefore(network, adjacency, input, most - 1);
    if (before && (!found || IsSpatial(network, network.nodes[*before]))) found = before;
  }
  return found;
}

}  // namespace

int64_t InnerWidth(const Network& network) {
  const Adjacency adjacency(network);
  int64_t width = 0;
  for (const Node& node : network.nodes) {
    if (!IsPointwise(network, node)) continue;
    const auto spatial = ConvolutionBefore(network, adjacency, node.inputs[0]);
    if (!spatial || !IsSpatial(network, network.nodes[*spatial])) continue;
    const Node& middle = network.nodes[*spatial];
    const auto first = ConvolutionBefore(network, adjacency, middle.inputs[0]);
    if (!first || !IsPointwise(network, network.nodes[*first])) continue;
    width = WeightOf(network, middle)->shape()[0];
  }
  return width;
}

}  // namespace nacre::space_internal
