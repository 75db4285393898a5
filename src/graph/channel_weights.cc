// Rules for nodes that hold weights or combine activations channel by channel.
#include <algorithm>

#include "graph/channel_trace.h"

namespace nacre::graph_internal {

ChannelTrace::Axis ChannelTrace::Convolution(size_t index) {
  const Node& node = network_.nodes[index];
  const Tensor* weight = flow_.Constant(node.inputs[1]);
  if (weight == nullptr || weight->shape().size() < 3) return {};
  const ChannelAxis in = *AxisOf(node.inputs[0]);
  const int64_t groups = node.Int("group", 1);
  if (node.op == "Conv" && groups > 1) return GroupedConvolution(index, *weight, groups);
  if (groups > 1) return {};

  const int out_axis = node.op == "Conv" ? 0 : 1;
  const ChannelAxis out = spaces.Fresh(weight->shape()[out_axis]);
  if (!Bind(index, 1, 1 - out_axis, in, /*produces=*/false)) return {};
  Bind(index, 1, out_axis, out);
  if (Given(index, 2) && !Bind(index, 2, 0, out)) return {};
  return out;
}

ChannelTrace::Axis ChannelTrace::GroupedConvolution(size_t index, const Tensor& weight,
                                                    int64_t groups) {
  const ChannelAxis in = *AxisOf(network_.nodes[index].inputs[0]);
  const int64_t outputs = weight.shape()[0];
  if (outputs % groups != 0 || weight.shape()[1] * groups != Elements(in)) return {};

  ChannelAxis out;
  if (weight.shape()[1] == 1) {  // depthwise: the channels flow through, each perhaps several times
    out = in;
    for (ChannelRun& run : out) run.repeat *= outputs / groups;
    counts.push_back({index, -1, 0, in});
  } else {
    out = spaces.Fresh(outputs);
    equals.push_back({out, groups});
    if (in.size() != 1 || in[0].repeat != 1) {
      Freeze(index, in, "is a grouped convolution over joined channels");
    } else {
      uses.push_back({index, 1, 1, in, /*produces=*/false, groups});
      equals.push_back({in, groups});
    }
  }
  Bind(index, 1, 0, out);
  if (Given(index, 2) && !Bind(index, 2, 0, out)) return {};
  return out;
}

ChannelTrace::Axis ChannelTrace::Linear(size_t index) {
  const Node& node = network_.nodes[index];
  const nacre::Shape* shape = ShapeOf(node.inputs[0]);
  const Tensor* weight = flow_.Constant(node.inputs[1]);
  if (shape->size() != 2 || weight == nullptr || weight->shape().size() != 2) return {};
  if (node.Int("transA", 0) != 0) return {};

  const int in_axis = node.op == "Gemm" && node.Int("transB", 0) != 0 ? 1 : 0;
  const ChannelAxis in = *AxisOf(node.inputs[0]);
  const ChannelAxis out = spaces.Fresh(weight->shape()[1 - in_axis]);
  if (!Bind(index, 1, in_axis, in, /*produces=*/false)) return {};
  Bind(index, 1, 1 - in_axis, out);
  if (Given(index, 2)) {
    const Tensor* bias = flow_.Constant(node.inputs[2]);
    if (bias == nullptr) return {};
    const int last = static_cast<int>(bias->shape().size()) - 1;
    if (bias->count() != 1 || Elements(out) == 1) {
      if (last >= 0 && !Bind(index, 2, last, out)) return {};
    }
  }
  return out;
}

ChannelTrace::Axis ChannelTrace::PerChannelVectors(size_t index) {
  const Node& node = network_.nodes[index];
  const ChannelAxis axis = *AxisOf(node.inputs[0]);
  const bool quantizes = node.op.ends_with("Linear");
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    if (!Given(index, i)) continue;
    const Tensor* vector = flow_.Constant(node.inputs[i]);
    if (vector == nullptr) return {};
    if (quantizes && (vector->count() == 1 || node.Int("axis", 1) != 1)) continue;
    if (!Bind(index, static_cast<int>(i), 0, axis)) return {};
  }
  return axis;
}

// The channels of the inputs that carry data; those that are broadcast over other channels stay as
// they are.
ChannelTrace::Axis ChannelTrace::MergedData(size_t index) {
  const Node& node = network_.nodes[index];
  const nacre::Shape& shape = *ShapeOf(node.outputs[0]);
  Axis merged;
  for (const std::string& input : node.inputs) {
    if (!flow_.IsData(input)) continue;
    const ChannelAxis* axis = AxisOf(input);
    const nacre::Shape* in = ShapeOf(input);
    if (axis == nullptr || in == nullptr || in->size() != shape.size()) return {};
    if (Elements(*axis) != shape[1]) {
      Freeze(index, *axis, "spreads it over other channels");
    } else if (merged) {
      spaces.Unify(*merged, *axis);
    } else {
      merged = *axis;
    }
  }
  return merged;
}

// Constants with an element a channel belong to the channels. False when one does not fit.
bool ChannelTrace::BindConstants(size_t index, const ChannelAxis& merged) {
  const Node& node = network_.nodes[index];
  const auto rank = static_cast<int>(ShapeOf(node.outputs[0])->size());
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i].empty() || flow_.IsData(node.inputs[i])) continue;
    const nacre::Shape* in = ShapeOf(node.inputs[i]);
    if (in == nullptr) return false;
    const int axis = 1 - (rank - static_cast<int>(in->size()));
    if (axis < 0 || (*in)[static_cast<size_t>(axis)] == 1) continue;
    if (!Bind(index, static_cast<int>(i), axis, merged)) return false;
  }
  return true;
}

ChannelTrace::Axis ChannelTrace::Elementwise(size_t index) {
  const nacre::Shape* shape = ShapeOf(network_.nodes[index].outputs[0]);
  if (shape == nullptr || shape->size() < 2) return {};
  const Axis merged = MergedData(index);
  if (!merged || !BindConstants(index, *merged)) return {};
  return merged;
}

ChannelTrace::Axis ChannelTrace::Concat(size_t index) {
  const Node& node = network_.nodes[index];
  const nacre::Shape* shape = ShapeOf(node.outputs[0]);
  if (shape == nullptr) return {};
  const int64_t along = node.Int("axis", 1);
  const bool joins = (along < 0 ? along + static_cast<int64_t>(shape->size()) : along) == 1;

  ChannelAxis joined;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    ChannelAxis axis;
    if (const ChannelAxis* known = AxisOf(node.inputs[i])) {
      axis = *known;
    } else {
      const Tensor* constant = flow_.Constant(node.inputs[i]);
      if (constant == nullptr || constant->shape().size() < 2) return {};
      axis = spaces.Fresh(constant->shape()[1]);
      Bind(index, static_cast<int>(i), 1, axis);
    }
    if (joins) {
      joined.insert(joined.end(), axis.begin(), axis.end());
    } else if (i == 0) {
      joined = axis;
    } else {
      spaces.Unify(joined, axis);
    }
  }
  return joined;
}

}  // namespace nacre::graph_internal
