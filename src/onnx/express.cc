#include "onnx/express.h"

#include <algorithm>
#include <stdexcept>

namespace nacre::onnx_internal {
namespace {

using Rule = std::vector<Node> (*)(Expressing&, Node);

bool IsGiven(const Node& node, size_t input) {
  return input < node.inputs.size() && !node.inputs[input].empty();
}

// Input 1 becomes attribute `key`.
std::vector<Node> MoveToAttribute(Expressing& expressing, Node node, const std::string& key) {
  if (IsGiven(node, 1)) node.attributes[key] = expressing.Constant(node, 1).ToInts();
  node.inputs.resize(1);
  return {node};
}

std::vector<Node> Squeeze11(Expressing& expressing, Node node) {
  return MoveToAttribute(expressing, std::move(node), "axes");
}

std::vector<Node> Split11(Expressing& expressing, Node node) {
  return MoveToAttribute(expressing, std::move(node), "split");
}

// The last axis means the same everywhere; others are computed by the definition.
std::vector<Node> Softmax11(Expressing&, Node node) {
  const int64_t axis = node.Int("axis", -1);
  node.attributes["axis"] = axis;
  if (axis == -1) return {node};
  const std::string &x = node.inputs[0], &y = node.outputs[0];
  const std::map<std::string, Attribute> over = {{"axes", std::vector<int64_t>{axis}},
                                                 {"keepdims", int64_t{1}}};
  std::vector<Node> nodes = {
      {.name = node.name + "_max",
       .op = "ReduceMax",
       .inputs = {x},
       .outputs = {y + "_max"},
       .attributes = over},
      {.name = node.name + "_less",
       .op = "Sub",
       .inputs = {x, y + "_max"},
       .outputs = {y + "_less"}},
      {.name = node.name + "_exp", .op = "Exp", .inputs = {y + "_less"}, .outputs = {y + "_exp"}},
      {.name = node.name + "_sum",
       .op = "ReduceSum",
       .inputs = {y + "_exp"},
       .outputs = {y + "_sum"},
       .attributes = over}};
  if (node.op == "Softmax") {
    nodes.push_back(
        {.name = node.name, .op = "Div", .inputs = {y + "_exp", y + "_sum"}, .outputs = {y}});
  } else {
    nodes.push_back(
        {.name = node.name + "_log", .op = "Log", .inputs = {y + "_sum"}, .outputs = {y + "_log"}});
    nodes.push_back(
        {.name = node.name, .op = "Sub", .inputs = {y + "_less", y + "_log"}, .outputs = {y}});
  }
  return nodes;
}

std::vector<Node> Resize11(Expressing& expressing, Node node) {
  node.inputs.resize(IsGiven(node, 3) ? 4 : 3);
  for (size_t i = 1; i < 3; ++i) {
    if (node.inputs[i].empty())
      node.inputs[i] = expressing.AddConstant(node.outputs[0] + "_none", Tensor::Floats({0}, {}));
  }
  return {node};
}

// Opset 12 has no scale per channel: weights go back to float.
std::vector<Node> DequantizeLinear11(Expressing& expressing, Node node) {
  const Tensor* scale = expressing.network.Initializer(node.inputs[1]);
  const int64_t axis_given = node.Int("axis", 1);
  node.attributes.erase("axis");
  if (scale == nullptr || scale->count() == 1) return {node};
  const Tensor& x = expressing.Constant(node, 0);
  const int64_t rank = static_cast<int64_t>(x.shape().size());
  const int64_t axis = axis_given < 0 ? axis_given + rank : axis_given;
  const std::vector<float> scales = scale->ToFloats();
  const std::vector<float> zeros = IsGiven(node, 2) ? expressing.Constant(node, 2).ToFloats()
                                                    : std::vector<float>(scales.size(), 0.0f);
  int64_t inner = 1;
  for (int64_t i = axis + 1; i < rank; ++i) inner *= x.shape()[static_cast<size_t>(i)];
  std::vector<float> values = x.ToFloats();
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t channel = i / static_cast<size_t>(inner) % scales.size();
    values[i] = (values[i] - zeros[channel]) * scales[channel];
  }
  expressing.network.initializers[node.outputs[0]] = Tensor::Floats(x.shape(), values);
  return {};
}

std::vector<Node> QuantizeLinear11(Expressing& expressing, Node node) {
  const Tensor* scale = expressing.network.Initializer(node.inputs[1]);
  if (scale != nullptr && scale->count() != 1) {
    throw std::logic_error("QuantizeLinear node '" + node.name +
                           "' is per channel, which opset 12 cannot say");
  }
  node.attributes.erase("axis");
  return {node};
}

std::vector<Node> HardSwish11(Expressing&, Node node) {
  const std::string gate = node.outputs[0] + "_gate";
  return {
      {.name = node.name + "_gate",
       .op = "HardSigmoid",
       .inputs = node.inputs,
       .outputs = {gate},
       .attributes = {{"alpha", 1.0f / 6}, {"beta", 0.5f}}},
      {.name = node.name, .op = "Mul", .inputs = {node.inputs[0], gate}, .outputs = node.outputs}};
}

std::vector<Node> Reshape11(Expressing&, Node node) {
  if (node.Int("allowzero", 0) != 0) {
    throw std::logic_error("Reshape node '" + node.name +
                           "' allows zeros, which opset 13 cannot say");
  }
  node.attributes.erase("allowzero");
  return {node};
}

std::vector<Node> Shape11(Expressing& expressing, Node node) {
  const int64_t start = node.Int("start", 0);
  const bool all = start == 0 && !node.attributes.contains("end");
  const int64_t end = node.Int("end", INT64_MAX);
  node.attributes.clear();
  if (all) return {node};
  const std::string out = node.outputs[0], whole = out + "_whole";
  node.outputs = {whole};
  const std::string begin_name = expressing.AddConstant(out + "_start", Tensor::Ints({1}, {start}));
  const std::string end_name = expressing.AddConstant(out + "_end", Tensor::Ints({1}, {end}));
  return {node,
          {.name = node.name + "_part",
           .op = "Slice",
           .inputs = {whole, begin_name, end_name},
           .outputs = {out}}};
}

// ReduceSum has its axes as an attribute here.
std::vector<Node> ReduceSum11(Expressing& expressing, Node node) {
  const bool noop = node.Int("noop_with_empty_axes", 0) != 0;
  node.attributes.erase("noop_with_empty_axes");
  if (noop && !IsGiven(node, 1)) {
    node.op = "Identity";
    node.inputs.resize(1);
    node.attributes.clear();
    return {node};
  }
  return MoveToAttribute(expressing, std::move(node), "axes");
}

// ReduceSum, whose axes are an input from opset 13 on, in place of another reduction.
Node SumLike(Expressing& expressing, const Node& node, const std::string& x, const std::string& y) {
  Node sum{.name = node.name, .op = "ReduceSum", .inputs = {x}, .outputs = {y}};
  sum.attributes["keepdims"] = node.Int("keepdims", 1);
  const std::vector<int64_t> axes = node.Ints("axes");
  if (axes.empty()) return sum;
  sum.inputs.push_back(
      expressing.AddConstant(y + "_axes", Tensor::Ints({static_cast<int64_t>(axes.size())}, axes)));
  return sum;
}

// OpenVINO (2026) looks for the axes of these three where opset 18 has them, from opset 13 on, and
// reduces everything.
std::vector<Node> ReduceL1Before18(Expressing& expressing, Node node) {
  const std::string y = node.outputs[0], parts = y + "_abs";
  return {{.name = node.name + "_abs", .op = "Abs", .inputs = {node.inputs[0]}, .outputs = {parts}},
          SumLike(expressing, node, parts, y)};
}

std::vector<Node> ReduceLogSumBefore18(Expressing& expressing, Node node) {
  const std::string y = node.outputs[0], sum = y + "_sum";
  return {SumLike(expressing, node, node.inputs[0], sum),
          {.name = node.name + "_log", .op = "Log", .inputs = {sum}, .outputs = {y}}};
}

// The largest number is taken out before the exponential, so that nothing overflows.
std::vector<Node> ReduceLogSumExpBefore18(Expressing& expressing, Node node) {
  const std::string x = node.inputs[0], y = node.outputs[0];
  Node kept{
      .name = node.name + "_kept", .op = "ReduceMax", .inputs = {x}, .outputs = {y + "_kept"}};
  kept.attributes = node.attributes;
  Node most = kept;
  most.name = node.name + "_max";
  most.outputs = {y + "_max"};
  kept.attributes["keepdims"] = int64_t{1};
  return {
      kept,
      most,
      {.name = node.name + "_less",
       .op = "Sub",
       .inputs = {x, y + "_kept"},
       .outputs = {y + "_less"}},
      {.name = node.name + "_exp", .op = "Exp", .inputs = {y + "_less"}, .outputs = {y + "_exp"}},
      SumLike(expressing, node, y + "_exp", y + "_sum"),
      {.name = node.name + "_log", .op = "Log", .inputs = {y + "_sum"}, .outputs = {y + "_log"}},
      {.name = node.name + "_add",
       .op = "Add",
       .inputs = {y + "_log", y + "_max"},
       .outputs = {y}}};
}

std::vector<Node> Mish17(Expressing&, Node node) {
  const std::string &x = node.inputs[0], &y = node.outputs[0];
  const std::string soft = y + "_soft", gate = y + "_gate";
  return {{.name = node.name + "_soft", .op = "Softplus", .inputs = {x}, .outputs = {soft}},
          {.name = node.name + "_gate", .op = "Tanh", .inputs = {soft}, .outputs = {gate}},
          {.name = node.name, .op = "Mul", .inputs = {x, gate}, .outputs = {y}}};
}

// x / 2 * (1 + erf(x / sqrt(2))), or with tanh(sqrt(2 / pi) (x + 0.044715 x^3)) for the error
// function.
std::vector<Node> Gelu19(Expressing& expressing, Node node) {
  const std::string x = node.inputs[0], y = node.outputs[0];
  std::vector<Node> nodes;
  const auto scalar = [&](const char* stem, float number) {
    return expressing.AddConstant(y + stem, Tensor::Scalar(number));
  };
  const auto add = [&](const char* op, std::vector<std::string> inputs, const std::string& out) {
    nodes.push_back({.name = node.name + out.substr(std::min(out.size(), y.size())),
                     .op = op,
                     .inputs = std::move(inputs),
                     .outputs = {out}});
    return out;
  };
  std::string bend;
  if (node.String("approximate", "none") == "tanh") {
    const std::string square = add("Mul", {x, x}, y + "_square");
    const std::string cube = add("Mul", {square, x}, y + "_cube");
    const std::string part = add("Mul", {cube, scalar("_share", 0.044715f)}, y + "_part");
    const std::string inner = add("Add", {x, part}, y + "_inner");
    const std::string scaled = add("Mul", {inner, scalar("_scale", 0.7978845608f)}, y + "_scaled");
    bend = add("Tanh", {scaled}, y + "_bend");
  } else {
    const std::string scaled = add("Div", {x, scalar("_root", 1.4142135624f)}, y + "_scaled");
    bend = add("Erf", {scaled}, y + "_bend");
  }
  const std::string above = add("Add", {bend, scalar("_one", 1)}, y + "_above");
  const std::string twice = add("Mul", {x, above}, y + "_twice");
  add("Mul", {twice, scalar("_half", 0.5f)}, y);
  return nodes;
}

std::vector<Node> Reduction18(Expressing& expressing, Node node) {
  const std::vector<int64_t> axes = node.Ints("axes");
  node.attributes.erase("axes");
  if (axes.empty()) return {node};
  node.inputs.resize(1);
  node.inputs.push_back(expressing.AddConstant(
      node.outputs[0] + "_axes", Tensor::Ints({static_cast<int64_t>(axes.size())}, axes)));
  return {node};
}

std::vector<Node> Split18(Expressing&, Node node) {
  if (!IsGiven(node, 1)) node.attributes["num_outputs"] = static_cast<int64_t>(node.outputs.size());
  return {node};
}

std::vector<Node> UpsampleAny(Expressing& expressing, Node node) {
  node.op = "Resize";
  node.inputs = {node.inputs[0], "", node.inputs[1]};
  node.attributes["coordinate_transformation_mode"] = std::string("asymmetric");
  node.attributes["nearest_mode"] = std::string("floor");
  return expressing.opset < 13 ? Resize11(expressing, std::move(node)) : std::vector<Node>{node};
}

std::map<std::string, Rule> RulesFor(int opset) {
  std::map<std::string, Rule> rules = {{"Upsample", UpsampleAny}};
  if (opset < 13) {
    rules.insert({{"Squeeze", Squeeze11},
                  {"Unsqueeze", Squeeze11},
                  {"Split", Split11},
                  {"Softmax", Softmax11},
                  {"LogSoftmax", Softmax11},
                  {"Resize", Resize11},
                  {"DequantizeLinear", DequantizeLinear11},
                  {"QuantizeLinear", QuantizeLinear11}});
  }
  if (opset < 14) rules.insert({{"HardSwish", HardSwish11}, {"Reshape", Reshape11}});
  if (opset < 13) rules.insert({{"ReduceSum", ReduceSum11}});
  if (opset < 15) rules.insert({{"Shape", Shape11}});
  if (opset >= 13 && opset < 18) {
    rules.insert({{"ReduceL1", ReduceL1Before18},
                  {"ReduceLogSum", ReduceLogSumBefore18},
                  {"ReduceLogSumExp", ReduceLogSumExpBefore18}});
  }
  if (opset < 18) rules.insert({{"Mish", Mish17}});
  if (opset < 20) rules.insert({{"Gelu", Gelu19}});
  if (opset < 18) return rules;
  rules.insert({{"Split", Split18}});
  for (const char* op : {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
                         "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSumSquare"}) {
    rules.insert({{op, Reduction18}});
  }
  return rules;
}

}  // namespace

std::string Expressing::AddConstant(const std::string& stem, Tensor tensor) {
  if (!names) names.emplace(network);
  const std::string name = names->Make(stem);
  network.initializers[name] = std::move(tensor);
  return name;
}

const Tensor& Expressing::Constant(const Node& node, size_t input) const {
  const Tensor* tensor = network.Initializer(node.inputs.at(input));
  if (tensor == nullptr) {
    throw std::logic_error(node.op + " node '" + node.name + "': opset " + std::to_string(opset) +
                           " needs input '" + node.inputs.at(input) + "' to be constant");
  }
  return *tensor;
}

std::vector<Node> ExpressNode(Expressing& expressing, const Node& node) {
  if (node.opaque()) return {node};
  const auto rules = RulesFor(expressing.opset);
  const auto found = rules.find(node.op);
  return found == rules.end() ? std::vector<Node>{node} : found->second(expressing, node);
}

}  // namespace nacre::onnx_internal
