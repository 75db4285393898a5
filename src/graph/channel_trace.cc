#include "graph/channel_trace.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "graph/operations.h"

namespace nacre::graph_internal {
namespace {

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
  CoupleSharedWeights();
  FreezeWhatIsCutApart();
}

// Layers that share a weight lose the same channels, so that it stays one. Vectors are left out:
// exporters share those that happen to be equal.
void ChannelTrace::CoupleSharedWeights() {
  std::map<std::tuple<std::string, int, int64_t>, ChannelAxis> first;
  for (const Use& use : uses) {
    const std::string& name = network_.nodes[use.node].inputs[static_cast<size_t>(use.input)];
    if (use.input != 1 || flow_.Constant(name)->shape().size() < 2) continue;
    const auto [known, fresh] = first.try_emplace({name, use.axis, use.parts}, use.channels);
    if (!fresh) spaces.Unify(known->second, use.channels);
  }
}

void ChannelTrace::FreezeWhatIsCutApart() {
  const auto resolve = [&](const ChannelAxis& axis) {
    for (const ChannelRun& run : axis) spaces.Resolve(run);
  };
  for (const auto& [value, axis] : axes) resolve(axis);
  for (const Use& use : uses) resolve(use.channels);
  for (const Count& count : counts) resolve(count.channels);
  for (const Equal& equal : equals) {
    for (const ChannelRun& run : equal.channels) {
      if (spaces.Resolve(run).count % equal.parts == 0) continue;
      spaces.Freeze({run}, "a grouped convolution cuts channels apart that go together");
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

bool ChannelTrace::OnlyFirstInputIsData(const Node& node) const {
  if (node.inputs.empty() || AxisOf(node.inputs[0]) == nullptr) return false;
  return std::none_of(node.inputs.begin() + 1, node.inputs.end(),
                      [&](const std::string& input) { return flow_.IsData(input); });
}

ChannelTrace::Rule ChannelTrace::RuleOf(ChannelCoupling coupling) {
  static const std::map<ChannelCoupling, Rule> rules = {
      {ChannelCoupling::kPasses, &ChannelTrace::Passes},
      {ChannelCoupling::kPerChannel, &ChannelTrace::PerChannelVectors},
      {ChannelCoupling::kConvolution, &ChannelTrace::Convolution},
      {ChannelCoupling::kLinear, &ChannelTrace::Linear},
      {ChannelCoupling::kSlice, &ChannelTrace::Slice},
      {ChannelCoupling::kPad, &ChannelTrace::Pad},
      {ChannelCoupling::kFlatten, &ChannelTrace::Flatten},
      {ChannelCoupling::kReshape, &ChannelTrace::Reshape},
      {ChannelCoupling::kResize, &ChannelTrace::Resize},
      {ChannelCoupling::kTranspose, &ChannelTrace::Transpose},
      {ChannelCoupling::kBlocks, &ChannelTrace::Blocks},
      {ChannelCoupling::kOverAxis, &ChannelTrace::OverAxis},
      {ChannelCoupling::kAxes, &ChannelTrace::Axes}};
  const auto found = rules.find(coupling);
  return found == rules.end() ? nullptr : found->second;
}

ChannelTrace::Axis ChannelTrace::Follow(size_t index) {
  const Node& node = network_.nodes[index];
  const ChannelCoupling coupling = TraitsOf(node.op).channels;
  if (coupling == ChannelCoupling::kBroadcasts) return Elementwise(index);
  if (coupling == ChannelCoupling::kConcat) return Concat(index);
  const Rule rule = RuleOf(coupling);
  if (rule == nullptr || !OnlyFirstInputIsData(node)) return {};
  return (this->*rule)(index);
}

}  // namespace nacre::graph_internal
