#include "onnx/raise.h"

#include "graph/operations.h"

namespace nacre::onnx_internal {
namespace {

const std::map<std::string, RaiseRule>& Rules() {
  static const std::map<std::string, RaiseRule> rules = [] {
    std::map<std::string, RaiseRule> all = AxesRules();
    all.merge(ResampleRules());
    all.merge(ArithmeticRules());
    all.merge(OtherOpsetsRules());
    return all;
  }();
  return rules;
}

// The rule for the node in its domain; null: there is none.
RaiseRule RuleOf(const Node& node) {
  static const std::map<std::string, RaiseRule> microsoft = MicrosoftRules();
  const auto& rules = node.domain.empty() ? Rules() : microsoft;
  if (!node.domain.empty() && node.domain != "com.microsoft") return nullptr;
  const auto found = rules.find(node.op);
  return found == rules.end() ? nullptr : found->second;
}

}  // namespace

std::string Raising::Fresh(const std::string& stem) {
  std::string name = stem;
  for (int i = 2; !names.insert(name).second; ++i) name = stem + "_" + std::to_string(i);
  return name;
}

std::string Raising::AddConstant(const std::string& stem, Tensor tensor) {
  const std::string name = Fresh(stem);
  network.initializers[name] = std::move(tensor);
  return name;
}

const Tensor* Raising::Constant(const Node& node, size_t input) const {
  return IsGiven(node, input) ? network.Initializer(node.inputs[input]) : nullptr;
}

DataType Raising::TypeOf(const Node& node, size_t input) const {
  if (!IsGiven(node, input)) return DataType::kUndefined;
  if (const Tensor* tensor = Constant(node, input)) return tensor->type();
  const auto found = declared.find(node.inputs[input]);
  return found == declared.end() ? DataType::kUndefined : found->second.type;
}

std::optional<Shape> Raising::ShapeOf(const std::string& value) {
  if (const Tensor* tensor = network.Initializer(value)) return tensor->shape();
  if (const auto found = declared.find(value); found != declared.end()) return found->second.shape;
  if (!shapes) shapes = std::make_unique<ShapeWalk>(network);
  return shapes->ShapeOf(value);
}

std::string RaiseNode(Raising& raising, std::vector<Node>& nodes) {
  const RaiseRule rule = RuleOf(nodes.front());
  if (rule == nullptr && !nodes.front().domain.empty()) {
    return nodes.front().op + " of domain '" + nodes.front().domain + "' is not known";
  }
  if (rule != nullptr) {
    // Every operation that has a rule needs its first input, and no rule looks whether it is there.
    if (!IsGiven(nodes.front(), 0)) return nodes.front().op + " without its first input";
    if (std::string reason = rule(raising, nodes); !reason.empty()) return reason;
  }
  for (const Node& node : nodes) {
    if (std::string reason = WhyNotUnderstood(node); !reason.empty()) return reason;
  }
  return "";
}

}  // namespace nacre::onnx_internal
