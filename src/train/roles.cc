#include "train/roles.h"

#include <vector>

namespace nacre::train_internal {
namespace {

const Node* Producer(const Network& network, const std::string& value) {
  const auto index = network.Producer(value);
  return index ? &network.nodes[*index] : nullptr;
}

// Roles of the inputs of an operation, in their order; empty: all are constants.
const std::vector<Role>& RolesOfInputs(const std::string& op) {
  using enum Role;
  static const std::map<std::string, std::vector<Role>> table = {
      {"Conv", {kConstant, kWeight, kVector}},
      {"Gemm", {kConstant, kWeight, kVector}},
      {"MatMul", {kWeight, kWeight}},
      {"PRelu", {kConstant, kVector}},
      {"BatchNormalization", {kConstant, kVector, kVector, kStatistic, kStatistic}},
  };
  static const std::vector<Role> none;
  const auto found = table.find(op);
  return found == table.end() ? none : found->second;
}

void Mark(const Network& network, const Node& node, size_t input, Role role, Roles& roles) {
  if (role == Role::kConstant || input >= node.inputs.size()) return;
  if (network.Initializer(node.inputs[input])) roles.of[node.inputs[input]] = role;
}

// The bias of a linear layer that is written as MatMul and Add.
void MarkBias(const Network& network, const Node& add, Roles& roles) {
  for (size_t i = 0; i < 2; ++i) {
    const Node* other = Producer(network, add.inputs.at(1 - i));
    if (other && other->op == "MatMul") Mark(network, add, i, Role::kVector, roles);
  }
}

void MarkScaleFree(const Network& network, const Node& norm, Roles& roles) {
  const std::string& value = norm.inputs.at(0);
  const Node* conv = Producer(network, value);
  if (!conv || conv->op != "Conv") return;
  if (network.IsOutput(value) || network.Consumers(value).size() != 1) return;
  if (network.Consumers(conv->inputs.at(1)).size() == 1)
    roles.scale_free[conv->inputs[1]] = conv->Int("group", 1);
}

}  // namespace

Roles FindRoles(const Network& network) {
  Roles roles;
  for (const Node& node : network.nodes) {
    const std::vector<Role>& of_inputs = RolesOfInputs(node.op);
    for (size_t i = 0; i < of_inputs.size(); ++i) Mark(network, node, i, of_inputs[i], roles);
    if (node.op == "Add") MarkBias(network, node, roles);
    if (node.op == "BatchNormalization") MarkScaleFree(network, node, roles);
  }
  return roles;
}

}  // namespace nacre::train_internal
