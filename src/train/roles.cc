#include "train/roles.h"

namespace nacre {
namespace {

class Finder {
 public:
  explicit Finder(const Network& network) : network_(network) {
    for (const Node& node : network.nodes) {
      for (const std::string& input : node.inputs) ++uses_[input];
      for (const std::string& output : node.outputs) producer_[output] = &node;
    }
  }

  Roles Find() {
    for (const Node& node : network_.nodes) {
      MarkInputs(node);
      if (node.op == "BatchNormalization") MarkScaleFree(node);
    }
    return std::move(roles_);
  }

 private:
  const Node* Producer(const std::string& value) const {
    const auto found = producer_.find(value);
    return found == producer_.end() ? nullptr : found->second;
  }

  void Mark(const Node& node, size_t input, Role role) {
    if (input < node.inputs.size() && network_.Initializer(node.inputs[input])) roles_.of[node.inputs[input]] = role;
  }

  void MarkInputs(const Node& node) {
    if (node.op == "Conv" || node.op == "Gemm") {
      Mark(node, 1, Role::kWeight);
      Mark(node, 2, Role::kVector);
    } else if (node.op == "MatMul") {
      Mark(node, 0, Role::kWeight);
      Mark(node, 1, Role::kWeight);
    } else if (node.op == "PRelu") {
      Mark(node, 1, Role::kVector);
    } else if (node.op == "BatchNormalization") {
      for (size_t i = 1; i < 5; ++i) Mark(node, i, i < 3 ? Role::kVector : Role::kStatistic);
    } else if (node.op == "Add") {  // the bias of a linear layer written as MatMul + Add
      for (size_t i = 0; i < 2; ++i) {
        const Node* from = Producer(node.inputs.at(1 - i));
        if (from && from->op == "MatMul") Mark(node, i, Role::kVector);
      }
    }
  }

  void MarkScaleFree(const Node& norm) {
    const std::string& value = norm.inputs.at(0);
    const Node* conv = Producer(value);
    if (uses_[value] != 1 || network_.IsOutput(value) || !conv || conv->op != "Conv") return;
    if (uses_[conv->inputs.at(1)] == 1) roles_.scale_free[conv->inputs[1]] = conv->Int("group", 1);
  }

  const Network& network_;
  std::map<std::string, int> uses_;
  std::map<std::string, const Node*> producer_;
  Roles roles_;
};

}  // namespace

Roles FindRoles(const Network& network) { return Finder(network).Find(); }

}  // namespace nacre
