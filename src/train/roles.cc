#include "train/roles.h"

#include "graph/adjacency.h"

namespace nacre::train_internal {
namespace {

const Node* Producer(const Network& network, const Adjacency& adjacency, const std::string& value) {
  const auto index = adjacency.Producer(value);
  return index ? &network.nodes[*index] : nullptr;
}

void Mark(const Network& network, const Node& node, size_t input, Role role, Roles& roles) {
  if (role == Role::kConstant || input >= node.inputs.size()) return;
  if (network.Initializer(node.inputs[input])) roles.of[node.inputs[input]] = role;
}

// The bias of a linear layer that is written as MatMul and Add.
void MarkBias(const Network& network, const Adjacency& adjacency, const Node& add, Roles& roles) {
  for (size_t i = 0; i < 2; ++i) {
    const Node* other = Producer(network, adjacency, add.inputs.at(1 - i));
    if (other && other->op == "MatMul") Mark(network, add, i, Role::kVector, roles);
  }
}

void MarkScaleFree(const Network& network, const Adjacency& adjacency, const Node& norm,
                   Roles& roles) {
  const std::string& value = norm.inputs.at(0);
  const Node* conv = Producer(network, adjacency, value);
  if (!conv || conv->op != "Conv") return;
  if (network.IsOutput(value) || !adjacency.SoleReader(value)) return;
  if (adjacency.SoleReader(conv->inputs.at(1)))
    roles.scale_free[conv->inputs[1]] = conv->Int("group", 1);
}

}  // namespace

Roles FindRoles(const Network& network) {
  const Adjacency adjacency(network);
  Roles roles;
  for (const Node& node : network.nodes) {
    const auto& of_inputs = TraitsOf(node.op).roles;
    for (size_t i = 0; i < of_inputs.size(); ++i) Mark(network, node, i, of_inputs[i], roles);
    if (node.op == "Add") MarkBias(network, adjacency, node, roles);
    if (node.op == "BatchNormalization") MarkScaleFree(network, adjacency, node, roles);
  }
  return roles;
}

}  // namespace nacre::train_internal
