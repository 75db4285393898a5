#include <algorithm>

#include "graph/core_parts.h"
#include "graph/fresh_names.h"

namespace nacre::graph_internal {
namespace {

bool IsOtherFloat(DataType type) {
  return type == DataType::kFloat16 || type == DataType::kDouble || type == DataType::kBfloat16;
}

Node CastNode(const std::string& from, const std::string& to, DataType type) {
  return {.name = to + "_cast",
          .op = "Cast",
          .inputs = {from},
          .outputs = {to},
          .attributes = {{"to", static_cast<int64_t>(type)}}};
}

bool ConvertTensor(Tensor& tensor) {
  if (!IsOtherFloat(tensor.type())) return false;
  tensor = Tensor::Floats(tensor.shape(), tensor.ToFloats());
  return true;
}

// Constants in attributes, and what a Cast makes.
bool ConvertNode(Node& node) {
  bool changed = false;
  for (auto& [key, attribute] : node.attributes) {
    if (auto* tensor = std::get_if<Tensor>(&attribute)) changed |= ConvertTensor(*tensor);
  }
  if (node.op == "Cast" && IsOtherFloat(static_cast<DataType>(node.Int("to", 1)))) {
    node.attributes["to"] = static_cast<int64_t>(DataType::kFloat);
    changed = true;
  }
  return changed;
}

void Rename(Network& network, const std::string& from, const std::string& to) {
  for (Node& node : network.nodes) {
    std::replace(node.inputs.begin(), node.inputs.end(), from, to);
    std::replace(node.outputs.begin(), node.outputs.end(), from, to);
  }
}

}  // namespace

bool ConvertToFloat(Network& network) {
  // What an opaque node wants as its types is not known.
  const bool opaque = std::any_of(network.nodes.begin(), network.nodes.end(),
                                  [](const Node& node) { return node.opaque(); });
  if (opaque) return false;
  bool changed = false;
  for (auto& [name, tensor] : network.initializers) changed |= ConvertTensor(tensor);
  for (Node& node : network.nodes) changed |= ConvertNode(node);
  FreshNames fresh(network);
  for (const Value& input : network.inputs) {
    if (!IsOtherFloat(input.type)) continue;
    const std::string inside = fresh.Make(input.name + "_float");
    Rename(network, input.name, inside);
    network.nodes.insert(network.nodes.begin(), CastNode(input.name, inside, DataType::kFloat));
    changed = true;
  }
  for (const Value& output : network.outputs) {
    if (!IsOtherFloat(output.type)) continue;
    const std::string inside = fresh.Make(output.name + "_float");
    Rename(network, output.name, inside);
    network.nodes.push_back(CastNode(inside, output.name, output.type));
    changed = true;
  }
  return changed;
}

}  // namespace nacre::graph_internal
