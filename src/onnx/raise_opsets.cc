// Operations as they were before opset 11, when what are inputs now were attributes, and those that
// came after opset 21.
#include "onnx/raise.h"

namespace nacre::onnx_internal {
namespace {

std::string IntsInput(Raising& raising, const Node& node, const std::string& key,
                      const std::vector<int64_t>& numbers) {
  return raising.AddConstant(node.outputs[0] + "_" + key,
                             Tensor::Ints({static_cast<int64_t>(numbers.size())}, numbers));
}

// Opset 10 made starts, ends and axes inputs.
std::string RaiseSlice(Raising& raising, std::vector<Node>& nodes) {
  Node& node = nodes.front();
  if (raising.opset >= 10) return "";
  const std::vector<int64_t> starts = node.Ints("starts"), ends = node.Ints("ends");
  if (starts.empty() || starts.size() != ends.size()) return "Slice without starts and ends";
  std::vector<int64_t> axes = node.Ints("axes");
  for (size_t i = axes.size(); i < starts.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  node.inputs.resize(1);
  node.inputs.push_back(IntsInput(raising, node, "starts", starts));
  node.inputs.push_back(IntsInput(raising, node, "ends", ends));
  node.inputs.push_back(IntsInput(raising, node, "axes", axes));
  node.attributes.clear();
  return "";
}

// Opset 11 made the bounds inputs.
std::string RaiseClip(Raising& raising, std::vector<Node>& nodes) {
  Node& node = nodes.front();
  if (raising.opset >= 11) return "";
  node.inputs.resize(3);
  const char* const keys[] = {"min", "max"};
  for (size_t i = 0; i < 2; ++i) {
    if (!node.attributes.contains(keys[i])) continue;
    node.inputs[i + 1] = raising.AddConstant(node.outputs[0] + "_" + keys[i],
                                             Tensor::Scalar(node.Float(keys[i], 0)));
  }
  while (node.inputs.back().empty()) node.inputs.pop_back();
  node.attributes.clear();
  return "";
}

// Opset 10 made k an input; opset 11 chooses between the largest and the smallest.
std::string RaiseTopK(Raising& raising, std::vector<Node>& nodes) {
  Node& node = nodes.front();
  if (raising.opset >= 10) return "";
  node.inputs.resize(1);
  node.inputs.push_back(IntsInput(raising, node, "k", {node.Int("k", 1)}));
  node.attributes.erase("k");
  return "";
}

// Opset 24: x times the sigmoid of alpha x.
std::string RaiseSwish(Raising& raising, std::vector<Node>& nodes) {
  const Node node = nodes.front();
  const std::string &x = node.inputs[0], &y = node.outputs[0];
  const std::string gate = raising.Fresh(y + "_gate");
  std::string scaled = x;
  nodes.clear();
  if (const float alpha = node.Float("alpha", 1); alpha != 1) {
    scaled = raising.Fresh(y + "_scaled");
    const std::string factor = raising.AddConstant(y + "_alpha", Tensor::Scalar(alpha));
    nodes.push_back({.op = "Mul", .inputs = {x, factor}, .outputs = {scaled}});
  }
  nodes.push_back({.op = "Sigmoid", .inputs = {scaled}, .outputs = {gate}});
  nodes.push_back({.name = node.name, .op = "Mul", .inputs = {x, gate}, .outputs = {y}});
  return "";
}

}  // namespace

std::map<std::string, RaiseRule> OtherOpsetsRules() {
  return {{"Slice", RaiseSlice}, {"Clip", RaiseClip}, {"TopK", RaiseTopK}, {"Swish", RaiseSwish}};
}

}  // namespace nacre::onnx_internal
