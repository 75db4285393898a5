// Softmax, Sum, normalisation, quantisation and Cast.
#include <algorithm>
#include <vector>

#include "onnx/raise.h"

namespace nacre::onnx_internal {
namespace {

// Whether flattening at `axis` makes a row of just that axis.
bool IsRowOfOneAxis(const std::optional<Shape>& shape, int64_t axis) {
  if (axis == -1) return true;
  if (!shape) return false;
  if (axis < 0) axis += static_cast<int64_t>(shape->size());
  if (axis < 0 || axis >= static_cast<int64_t>(shape->size())) return false;
  return std::all_of(shape->begin() + axis + 1, shape->end(),
                     [](int64_t size) { return size == 1; });
}

// Before opset 13 the input counts as a matrix, cut at `axis`, and each row is normalised.
std::string RaiseSoftmax(Raising& raising, std::vector<Node>& nodes) {
  if (raising.opset >= 13) return "";
  Node node = nodes.front();
  const int64_t axis = node.Int("axis", 1);
  node.attributes["axis"] = axis;
  if (axis == -1 || IsRowOfOneAxis(raising.ShapeOf(node.inputs[0]), axis)) {
    nodes = {node};
    return "";
  }
  const std::string x = node.inputs[0], y = node.outputs[0];
  const std::string rows = raising.Fresh(y + "_rows"), normal = raising.Fresh(y + "_normal");
  const std::string shape = raising.Fresh(y + "_shape");
  node.inputs = {rows};
  node.outputs = {normal};
  node.attributes["axis"] = int64_t{-1};
  nodes = {Node{.op = "Flatten", .inputs = {x}, .outputs = {rows}, .attributes = {{"axis", axis}}},
           node, Node{.op = "Shape", .inputs = {x}, .outputs = {shape}},
           Node{.op = "Reshape", .inputs = {normal, shape}, .outputs = {y}}};
  return "";
}

std::string RaiseSum(Raising& raising, std::vector<Node>& nodes) {
  const Node node = nodes.front();
  nodes.clear();
  if (node.inputs.size() == 1) {
    nodes.push_back(
        {.name = node.name, .op = "Identity", .inputs = node.inputs, .outputs = node.outputs});
    return "";
  }
  std::string sum = node.inputs[0];
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    const bool last = i + 1 == node.inputs.size();
    const std::string out = last ? node.outputs[0] : raising.Fresh(node.outputs[0] + "_part");
    nodes.push_back({.name = last ? node.name : "",
                     .op = "Add",
                     .inputs = {sum, node.inputs[i]},
                     .outputs = {out}});
    sum = out;
  }
  return "";
}

std::string RaiseDropout(Raising& raising, std::vector<Node>& nodes) {
  Node& node = nodes.front();
  if (IsGiven(node, 2)) {
    const Tensor* training = raising.Constant(node, 2);
    if (training == nullptr || training->ToInts() != std::vector<int64_t>{0}) {
      return "Dropout in training mode";
    }
  }
  node.inputs.resize(1);
  node.attributes.clear();
  return "";
}

std::string RaiseBatchNormalization(Raising&, std::vector<Node>& nodes) {
  Node& node = nodes.front();
  const bool more = std::any_of(node.outputs.begin() + 1, node.outputs.end(),
                                [](const std::string& output) { return !output.empty(); });
  if (more || node.Int("training_mode", 0) != 0) return "BatchNormalization in training mode";
  node.outputs.resize(1);
  node.attributes.erase("training_mode");
  node.attributes.erase("momentum");
  if (node.Int("spatial", 1) == 0) return "BatchNormalization of every element";
  node.attributes.erase("spatial");
  return "";
}

std::string RaiseCast(Raising&, std::vector<Node>& nodes) {
  const auto to = static_cast<DataType>(nodes.front().Int("to", 0));
  if (ElementSize(to) == 0) return "Cast to a type that nacre does not hold";
  nodes.front().attributes.erase("saturate");
  nodes.front().attributes.erase("round_mode");  // of a type that nacre does not hold
  return "";
}

bool IsByte(DataType type) { return type == DataType::kUint8 || type == DataType::kInt8; }

// Opset 17 knows float scales and 8-bit numbers, and 32-bit ones for biases on the way back.
std::string CheckQuantization(Raising& raising, const Node& node) {
  if (node.Int("block_size", 0) != 0) return node.op + " in blocks";
  const DataType scale = raising.TypeOf(node, 1);
  if (scale != DataType::kFloat && scale != DataType::kUndefined) {
    return node.op + " with a scale of " + DataTypeName(scale);
  }
  const bool back = node.op == "DequantizeLinear";
  for (const size_t input : {size_t{0}, size_t{2}}) {
    const DataType type = raising.TypeOf(node, input);
    if ((input == 0 && !back) || type == DataType::kUndefined || IsByte(type)) continue;
    if (!back || type != DataType::kInt32) return node.op + " of " + DataTypeName(type);
  }
  return "";
}

std::string RaiseQuantizeLinear(Raising& raising, std::vector<Node>& nodes) {
  Node& node = nodes.front();
  if (std::string reason = CheckQuantization(raising, node); !reason.empty()) return reason;
  const auto type = static_cast<DataType>(node.Int("output_dtype", 0));
  for (const char* key : {"block_size", "output_dtype", "saturate", "precision"})
    node.attributes.erase(key);
  if (type == DataType::kUndefined || IsGiven(node, 2)) return "";
  const Tensor* scale = raising.Constant(node, 1);
  if (!IsByte(type) || scale == nullptr) return "QuantizeLinear to a type other than 8 bit";
  node.inputs.resize(2);
  node.inputs.push_back(raising.AddConstant(
      node.outputs[0] + "_zero_point",
      Tensor(type, scale->shape(), std::vector<std::byte>(static_cast<size_t>(scale->count())))));
  return "";
}

std::string RaiseDequantizeLinear(Raising& raising, std::vector<Node>& nodes) {
  Node& node = nodes.front();
  if (std::string reason = CheckQuantization(raising, node); !reason.empty()) return reason;
  node.attributes.erase("block_size");
  node.attributes.erase("output_dtype");
  return "";
}

}  // namespace

std::map<std::string, RaiseRule> ArithmeticRules() {
  return {{"Softmax", RaiseSoftmax},
          {"LogSoftmax", RaiseSoftmax},
          {"Sum", RaiseSum},
          {"Dropout", RaiseDropout},
          {"BatchNormalization", RaiseBatchNormalization},
          {"Cast", RaiseCast},
          {"QuantizeLinear", RaiseQuantizeLinear},
          {"DequantizeLinear", RaiseDequantizeLinear}};
}

}  // namespace nacre::onnx_internal
