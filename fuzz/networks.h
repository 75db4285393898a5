// Small networks of odd nodes.
#pragma once

#include <string>

#include "fuzz/fuzz.h"
#include "graph/network.h"

namespace nacre {

inline Attribute AnyAttribute(Choices& choices) {
  switch (choices.Below(5)) {
    case 0:
      return choices.Number();
    case 1:
      return static_cast<float>(choices.Number());
    case 2:
      return choices.Of<std::string>({"SAME_UPPER", "VALID", "constant", "nearest", "ij,jk->ik"});
    case 3:
      return std::vector<float>{static_cast<float>(choices.Number())};
    default:
      return choices.Numbers(8);
  }
}

inline Network AnyNetwork(Choices& choices) {
  static const std::vector<std::string> ops = {
      "Conv", "MaxPool", "AveragePool", "ConvTranspose", "Reshape", "Expand", "Tile", "Pad",
      "Slice", "Gather", "Concat", "Split", "Transpose", "Resize", "TopK", "ConstantOfShape",
      "Range", "Shape", "Size", "Flatten", "Squeeze", "Unsqueeze", "MatMul", "Gemm", "Einsum",
      "Softmax", "ReduceSum", "ReduceMean", "Add", "Mul", "Div", "Cast", "Clip", "Where", "Max",
      "BatchNormalization", "LayerNormalization", "GlobalAveragePool", "DequantizeLinear",
      "GatherElements", "GatherND", "ScatterND", "OneHot", "CumSum", "DepthToSpace", "Identity"};
  static const std::vector<std::string> keys = {
      "axis", "axes", "perm", "kernel_shape", "strides", "pads", "dilations", "group", "to", "mode",
      "auto_pad", "ceil_mode", "keepdims", "start", "end", "value", "equation", "transA", "transB",
      "blocksize", "num_outputs", "split", "output_padding", "output_shape", "allowzero"};
  Network network{.name = "fuzz"};
  network.inputs = {{"v0", DataType::kFloat, choices.Numbers(5)}};
  for (int64_t& size : network.inputs[0].shape) size = std::max(size, kDynamic);
  std::vector<std::string> values = {"v0", ""};
  for (size_t i = choices.Below(4); i > 0; --i) {
    const std::vector<int64_t> numbers = choices.Numbers(6);
    const std::string name = "c" + std::to_string(i);
    network.initializers[name] =
        choices.Below(2) == 0
            ? Tensor::Ints({static_cast<int64_t>(numbers.size())}, numbers)
            : Tensor::Floats({1, static_cast<int64_t>(numbers.size()), 1, 1},
                             std::vector<float>(numbers.begin(), numbers.end()));
    values.push_back(name);
  }
  while (!choices.empty() && network.nodes.size() < 12) {
    const std::string name = "v" + std::to_string(network.nodes.size() + 1);
    Node node{.name = name, .op = choices.Of(ops), .outputs = {name}};
    for (size_t i = choices.Below(5); i > 0; --i) node.inputs.push_back(choices.Of(values));
    for (size_t i = choices.Below(4); i > 0; --i) {
      const std::string key = choices.Of(keys);
      node.attributes[key] = AnyAttribute(choices);
    }
    values.push_back(name);
    network.nodes.push_back(std::move(node));
  }
  network.outputs = {{values.back().empty() ? "v0" : values.back(), DataType::kFloat, {}}};
  return network;
}

}  // namespace nacre
