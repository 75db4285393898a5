#include "train/roles.h"

#include "graph/adjacency.h"

namespace nacre {
namespace {

const Node* Producer(const Network& network, const Adjacency& adjacency, const std::string& value) {
  const auto index = adjacency.Producer(value);
  return index ? &network.nodes[*index] : nullptr;
}

void MarkInputs(const Network& network, const Adjacency& adjacency, const Node& node,
                Roles& roles) {
  const auto mark = [&](size_t input, Role role) {
    if (input < node.inputs.size() && network.Initializer(node.inputs[input]))
      roles.of[node.inputs[input]] = role;
  };
  const auto& roles_of_inputs = TraitsOf(node.op).roles;
  for (size_t i = 0; i < roles_of_inputs.size(); ++i) {
    if (roles_of_inputs[i] != Role::kConstant) mark(i, roles_of_inputs[i]);
  }
  if (node.op != "Add") return;
  for (size_t i = 0; i < 2; ++i) {  // the bias of a linear layer written as MatMul + Add
    const Node* from = Producer(network, adjacency, node.inputs.at(1 - i));
    if (from && from->op == "MatMul") mark(i, Role::kVector);
  }
}

void MarkScaleFree(const Network& network, const Adjacency& adjacency, const Node& norm,
                   Roles& roles) {
  const std::string& value = norm.inputs.at(0);
  const Node* conv = Producer(network, adjacency, value);
  if (!conv || conv->op != "Conv" || network.IsOutput(value) || !adjacency.SoleReader(value))
    return;
  if (adjacency.SoleReader(conv->inputs.at(1)))
    roles.scale_free[conv->inputs[1]] = conv->Int("group", 1);
}

}  // namespace

Roles FindRoles(const Network& network) {
  const Adjacency adjacency(network);
  Roles roles;
  for (const Node& node : network.nodes) {
    MarkInputs(network, adjacency, node, roles);
    if (node.op == "BatchNormalization") MarkScaleFree(network, adjacency, node, roles);
  }
  return roles;
}

}  // namespace nacre
