// Axes and sizes that moved from attributes to inputs in opset 13 (Squeeze, Unsqueeze, Split) or 18
// (reductions).
#include "onnx/raise.h"

namespace nacre::onnx_internal {
namespace {

// Attribute `key` becomes input 1.
void MoveToInput(Raising& raising, Node& node, const std::string& key) {
  if (!node.attributes.contains(key)) return;
  const std::vector<int64_t> numbers = node.Ints(key);
  node.attributes.erase(key);
  node.inputs.resize(1);
  node.inputs.push_back(raising.AddConstant(
      node.outputs[0] + "_" + key, Tensor::Ints({static_cast<int64_t>(numbers.size())}, numbers)));
}

std::string RaiseSqueeze(Raising& raising, std::vector<Node>& nodes) {
  if (raising.opset < 13) MoveToInput(raising, nodes.front(), "axes");
  return "";
}

std::string RaiseSplit(Raising& raising, std::vector<Node>& nodes) {
  Node& node = nodes.front();
  if (raising.opset < 13) MoveToInput(raising, node, "split");
  if (!node.attributes.contains("num_outputs")) return "";
  const int64_t parts = node.Int("num_outputs", 0);
  node.attributes.erase("num_outputs");
  if (parts != static_cast<int64_t>(node.outputs.size())) {
    return "Split with num_outputs other than its outputs";
  }
  const auto shape = raising.ShapeOf(node.inputs[0]);
  const int64_t rank = shape ? static_cast<int64_t>(shape->size()) : 0;
  int64_t axis = node.Int("axis", 0);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank || (*shape)[static_cast<size_t>(axis)] < 0) {
    return "Split by num_outputs of a size that is not known";
  }
  const int64_t size = (*shape)[static_cast<size_t>(axis)];
  if (size % parts == 0) return "";
  const int64_t each = (size + parts - 1) / parts;
  std::vector<int64_t> sizes(static_cast<size_t>(parts), each);
  sizes.back() = size - each * (parts - 1);
  if (sizes.back() < 0) return "Split into more parts than there are elements";
  node.inputs.resize(1);
  node.inputs.push_back(
      raising.AddConstant(node.outputs[0] + "_split", Tensor::Ints({parts}, sizes)));
  return "";
}

std::string RaiseReduceSum(Raising& raising, std::vector<Node>& nodes) {
  if (raising.opset < 13) MoveToInput(raising, nodes.front(), "axes");
  return "";
}

// All reductions but ReduceSum, whose axes have been an input since opset 13.
std::string RaiseReduction(Raising& raising, std::vector<Node>& nodes) {
  Node& node = nodes.front();
  if (raising.TypeOf(node, 0) == DataType::kBool) return node.op + " of truth values";
  if (raising.opset < 18) return "";
  const bool noop = node.Int("noop_with_empty_axes", 0) != 0;
  node.attributes.erase("noop_with_empty_axes");
  std::vector<int64_t> axes;
  if (IsGiven(node, 1)) {
    const Tensor* given = raising.Constant(node, 1);
    if (given == nullptr) return node.op + " over axes that are not constant";
    axes = given->ToInts();
  }
  node.inputs.resize(1);
  if (!axes.empty()) {
    node.attributes["axes"] = axes;
  } else if (noop) {
    node.op = "Identity";
    node.attributes.clear();
  }
  return "";
}

}  // namespace

std::map<std::string, RaiseRule> AxesRules() {
  std::map<std::string, RaiseRule> rules = {{"Squeeze", RaiseSqueeze},
                                            {"Unsqueeze", RaiseSqueeze},
                                            {"Split", RaiseSplit},
                                            {"ReduceSum", RaiseReduceSum}};
  for (const char* op : {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
                         "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSumSquare"}) {
    rules[op] = RaiseReduction;
  }
  return rules;
}

}  // namespace nacre::onnx_internal
