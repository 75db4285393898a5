#include "graph/channel_trace.h"

#include <unordered_set>

namespace nacre {
namespace {

using Ops = std::unordered_set<std::string>;

// One input, channel by channel.
const Ops kUnary = {"Relu",
                    "LeakyRelu",
                    "Elu",
                    "Selu",
                    "Celu",
                    "Sigmoid",
                    "HardSwish",
                    "Tanh",
                    "Clip",
                    "HardSigmoid",
                    "Softplus",
                    "Softsign",
                    "Mish",
                    "Gelu",
                    "Erf",
                    "Exp",
                    "Log",
                    "Sqrt",
                    "Abs",
                    "Neg",
                    "Reciprocal",
                    "Floor",
                    "Ceil",
                    "Round",
                    "Sign",
                    "Sin",
                    "Cos",
                    "Identity",
                    "Dropout",
                    "Cast",
                    "Not",
                    "IsNaN",
                    "MaxPool",
                    "AveragePool",
                    "LpPool",
                    "ThresholdedRelu",
                    "CastLike",
                    "IsInf",
                    "Atan",
                    "GlobalMaxPool",
                    "GlobalAveragePool",
                    "GlobalLpPool"};
// Any number of inputs, broadcast against each other.
const Ops kElementwise = {"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "PRelu"};

std::string Label(const Node& node) {
  return node.op + (node.name.empty() ? "" : " '" + node.name + "'");
}

}  // namespace

const ChannelAxis* ChannelTrace::AxisOf(const std::string& value) const {
  auto found = axes.find(value);
  return found == axes.end() ? nullptr : &found->second;
}

const Shape* ChannelTrace::ShapeOf(const std::string& value) const {
  auto found = shapes_.find(value);
  return found == shapes_.end() ? nullptr : &found->second.shape;
}

bool ChannelTrace::Given(size_t node, size_t input) const {
  const auto& inputs = network_.nodes[node].inputs;
  return input < inputs.size() && !inputs[input].empty();
}

std::optional<std::vector<int64_t>> ChannelTrace::Ints(size_t node, size_t input) const {
  if (!Given(node, input)) return {};
  const Tensor* tensor = flow_.Constant(network_.nodes[node].inputs[input]);
  if (tensor == nullptr) return {};
  return tensor->ToInts();
}

bool ChannelTrace::Bind(size_t node, int input, int axis, const ChannelAxis& channels,
                        bool produces) {
  const Tensor* tensor = flow_.Constant(network_.nodes[node].inputs[input]);
  if (tensor == nullptr || axis >= static_cast<int>(tensor->shape().size()) ||
      tensor->shape()[axis] != Elements(channels)) {
    return false;
  }
  uses.push_back({node, input, axis, channels, produces});
  return true;
}

void ChannelTrace::Freeze(size_t node, const ChannelAxis& axis, const std::string& what) {
  spaces.Freeze(axis, Label(network_.nodes[node]) + " " + what);
}

void ChannelTrace::Set(const std::string& value, ChannelAxis axis) {
  order.push_back(value);
  axes[value] = std::move(axis);
}

void ChannelTrace::Run() {
  for (const Value& input : network_.inputs) {
    const nacre::Shape* shape = ShapeOf(input.name);
    if (shape == nullptr || shape->size() < 2 || (*shape)[1] < 1) continue;
    Set(input.name, spaces.Fresh((*shape)[1]));
    spaces.Freeze(axes[input.name], "it is the network's input '" + input.name + "'");
  }
  for (size_t i = 0; i < network_.nodes.size(); ++i) {
    if (flow_.IsData(i)) Step(i);
  }
  for (const Value& output : network_.outputs) {
    if (const ChannelAxis* axis = AxisOf(output.name)) {
      spaces.Freeze(*axis, "it reaches the network's output '" + output.name + "'");
    }
  }
}

void ChannelTrace::Step(size_t index) {
  const Node& node = network_.nodes[index];
  if (node.op == "Split" && !node.opaque() && Split(index)) return;  // has several outputs
  const size_t use_count = uses.size(), count_count = counts.size(), equal_count = equals.size();
  const Axis axis = node.opaque() ? std::nullopt : Follow(index);
  const nacre::Shape* shape = node.outputs.empty() ? nullptr : ShapeOf(node.outputs[0]);
  if (axis && shape != nullptr && shape->size() > 1 && (*shape)[1] == Elements(*axis)) {
    return Set(node.outputs[0], *axis);
  }
  // What the rule noted before it gave up does not hold.
  uses.resize(use_count);
  counts.resize(count_count);
  equals.resize(equal_count);
  Wall(index);
}

void ChannelTrace::Wall(size_t index) {
  const Node& node = network_.nodes[index];
  const std::string why = node.opaque() ? "is opaque: " + node.frozen_reason : "mixes its channels";
  for (const std::string& input : node.inputs) {
    if (const ChannelAxis* axis = AxisOf(input)) Freeze(index, *axis, why);
  }
  for (const std::string& output : node.outputs) {
    const nacre::Shape* shape = ShapeOf(output);
    if (output.empty() || shape == nullptr || shape->size() < 2 || (*shape)[1] < 1) continue;
    Set(output, spaces.Fresh((*shape)[1]));
    Freeze(index, axes[output], "makes them, and " + why);
  }
}

ChannelTrace::Axis ChannelTrace::Follow(size_t index) {
  const Node& node = network_.nodes[index];
  if (kElementwise.contains(node.op)) return Elementwise(index);
  if (node.op == "Concat") return Concat(index);
  // All others take data as their first input only.
  const ChannelAxis* axis = node.inputs.empty() ? nullptr : AxisOf(node.inputs[0]);
  if (axis == nullptr) return {};
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    if (flow_.IsData(node.inputs[i])) return {};
  }
  if (kUnary.contains(node.op)) return *axis;
  if (node.op == "Conv" || node.op == "ConvTranspose") return Convolution(index);
  if (node.op == "Gemm" || node.op == "MatMul") return Linear(index);
  if (node.op == "BatchNormalization" || node.op == "InstanceNormalization" ||
      node.op == "QuantizeLinear" || node.op == "DequantizeLinear") {
    return PerChannelVectors(index);
  }
  if (node.op == "Slice") return Slice(index);
  if (node.op == "Pad") return Pad(index);
  if (node.op == "Flatten") return Flatten(index);
  if (node.op == "Reshape") return Reshape(index);
  if (node.op == "Resize") return Resize(index);
  return KeepsChannels(index);
}

}  // namespace nacre
