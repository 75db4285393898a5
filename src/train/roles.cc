#include "train/roles.h"

namespace nacre {
namespace {

const Node* Producer(const Network& network, const std::string& value) {
  const auto index = network.Producer(value);
  return index ? &network.nodes[*index] : nullptr;
}

void MarkInputs(const Network& network, const Node& node, Roles& roles) {
  const auto mark = [&](size_t input, Role role) {
    if (input < node.inputs.size() && network.Initializer(node.inputs[input]))
      roles.of[node.inputs[input]] = role;
  };
  if (node.op == "Conv" || node.op == "Gemm") {
    mark(1, Role::kWeight);
    mark(2, Role::kVector);
  } else if (node.op == "MatMul") {
    mark(0, Role::kWeight);
    mark(1, Role::kWeight);
  } else if (node.op == "PRelu") {
    mark(1, Role::kVector);
  } else if (node.op == "BatchNormalization") {
    for (size_t i = 1; i < 5; ++i) mark(i, i < 3 ? Role::kVector : Role::kStatistic);
  } else if (node.op == "Add") {  // the bias of a linear layer written as MatMul + Add
    for (size_t i = 0; i < 2; ++i) {
      const Node* from = Producer(network, node.inputs.at(1 - i));
      if (from && from->op == "MatMul") mark(i, Role::kVector);
    }
  }
}

void MarkScaleFree(const Network& network, const Node& norm, Roles& roles) {
  const std::string& value = norm.inputs.at(0);
  const Node* conv = Producer(network, value);
  if (!conv || conv->op != "Conv" || network.IsOutput(value) ||
      network.Consumers(value).size() != 1)
    return;
  if (network.Consumers(conv->inputs.at(1)).size() == 1)
    roles.scale_free[conv->inputs[1]] = conv->Int("group", 1);
}

}  // namespace

Roles FindRoles(const Network& network) {
  Roles roles;
  for (const Node& node : network.nodes) {
    MarkInputs(network, node, roles);
    if (node.op == "BatchNormalization") MarkScaleFree(network, node, roles);
  }
  return roles;
}

}  // namespace nacre
