#include "graph/core.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "graph/core_parts.h"
#include "graph/fresh_names.h"
#include "graph/shapes.h"
#include "graph/simplify.h"

namespace nacre {

using namespace graph_internal;

namespace graph_internal {

std::vector<Node> WithConstants(const Network& network, const Flow& flow,
                                const std::set<size_t>& nodes) {
  std::set<size_t> all = nodes;
  for (size_t i = network.nodes.size(); i-- > 0;) {
    if (!all.contains(i)) continue;
    for (const std::string& value : network.nodes[i].inputs) {
      if (const auto producer = flow.ConstantProducer(value)) all.insert(*producer);
    }
  }
  std::vector<Node> result;
  for (const size_t i : all) result.push_back(network.nodes[i]);
  return result;
}

}  // namespace graph_internal

namespace {

Node MakeNode(const std::string& op, std::vector<std::string> inputs, const std::string& output,
              std::map<std::string, Attribute> attributes = {}) {
  return {.name = output + "_" + op,
          .op = op,
          .inputs = std::move(inputs),
          .outputs = {output},
          .attributes = std::move(attributes)};
}

// Builds core and rest out of a network whose beginning and ending are known.
class Cutter {
 public:
  Cutter(const Network& network, const Beginning& beginning, const Ending& ending)
      : network_(network),
        beginning_(beginning),
        ending_(ending),
        flow_(network),
        fresh_(network) {}

  Expected<Core> Cut() {
    core_.input = beginning_.input;
    core_.classes = ending_.classes;
    core_.notes = ending_.notes;
    CopyNodes();
    NACRE_CHECK_OK(CutInput());
    NACRE_CHECK_OK(CutOutputs());
    MoveTransposes(core_.network);
    NACRE_TRY(core_.network, FoldConstants(core_.network));
    RemoveDead(core_.network);
    return std::move(core_);
  }

 private:
  void CopyNodes() {
    Network& inside = core_.network;
    inside.name = network_.name;
    inside.metadata = network_.metadata;
    inside.initializers = network_.initializers;
    inside.nodes = WithConstants(network_, flow_, ending_.nodes);
    core_.rest = network_;
    core_.rest.nodes = WithConstants(network_, flow_, beginning_.nodes);
    core_.prologue = core_.rest.nodes.size();
    std::set<size_t> tail;
    for (size_t i = 0; i < network_.nodes.size(); ++i) {
      const bool elsewhere = beginning_.nodes.contains(i) || ending_.nodes.contains(i);
      if (flow_.IsLive(i) && flow_.IsData(i) && !elsewhere) tail.insert(i);
    }
    tail_ = WithConstants(network_, flow_, tail);
  }

  Value ImageValue() const {
    const auto shapes = InferShapes(network_, kDynamic);
    if (shapes && shapes->contains(beginning_.value)) return shapes->at(beginning_.value);
    for (const Value& input : network_.inputs) {
      if (input.name == beginning_.input.name) return input;
    }
    throw std::logic_error("the image input is not an input");
  }

  Expected<void> CutInput() {
    Value image = ImageValue();
    if (image.shape.size() != 4) {
      return Fail(ErrorKind::kModel, "the tensor of images '" + image.name + "' is " +
                                         ToString(image.shape) + ", not of rank 4");
    }
    if (beginning_.channels_last) {
      image.name = fresh_.Make(beginning_.value + "_channels_first");
      std::rotate(image.shape.begin() + 1, image.shape.begin() + 3, image.shape.end());
      using Order = std::vector<int64_t>;
      core_.rest.nodes.push_back(
          MakeNode("Transpose", {beginning_.value}, image.name, {{"perm", Order{0, 3, 1, 2}}}));
      core_.prologue = core_.rest.nodes.size();
      core_.network.nodes.insert(
          core_.network.nodes.begin(),
          MakeNode("Transpose", {image.name}, beginning_.value, {{"perm", Order{0, 2, 3, 1}}}));
    }
    core_.network.inputs = {image};
    return {};
  }

  // Classes as [N, classes], whatever the file makes of them.
  std::string Flattened(const Value& value) {
    const std::string logits = fresh_.Make(value.name + "_logits");
    core_.network.nodes.push_back(
        MakeNode("Flatten", {value.name}, logits, {{"axis", int64_t{1}}}));
    std::vector<int64_t> target;
    for (size_t i = 0; i < value.shape.size(); ++i) {
      target.push_back(i == 0 ? 0 : value.shape[i] == 1 ? 1 : -1);
    }
    const std::string shape = fresh_.Make(value.name + "_shape");
    core_.rest.initializers[shape] = Tensor::Ints({static_cast<int64_t>(target.size())}, target);
    core_.rest.nodes.push_back(MakeNode("Reshape", {logits, shape}, value.name));
    return logits;
  }

  Expected<void> CutOutputs() {
    const auto shapes = InferShapes(network_, kDynamic);
    if (!shapes) return Fail(ErrorKind::kModel, shapes.error().message);
    for (const std::string& name : ending_.outputs) {
      const auto found = shapes->find(name);
      Value value = found == shapes->end() ? Value{.name = name} : found->second;
      const bool classifies = core_.network.outputs.empty() && ending_.classes > 0;
      if (classifies && value.shape.size() != 2) {
        value.name = Flattened(value);
        value.shape = {value.shape[0], ending_.classes};
      }
      core_.network.outputs.push_back(value);
    }
    core_.rest.nodes.insert(core_.rest.nodes.end(), tail_.begin(), tail_.end());
    return {};
  }

  const Network& network_;
  const Beginning& beginning_;
  const Ending& ending_;
  const Flow flow_;
  FreshNames fresh_;
  std::vector<Node> tail_;
  Core core_;
};

// The file is in normal form already.
bool IsNormal(const Network& network, const Beginning& beginning, const Ending& ending) {
  const Flow flow(network);
  if (network.inputs.size() != 1 || network.outputs.size() != 1) return false;
  if (!beginning.nodes.empty() || beginning.channels_last) return false;
  if (ending.classes > 0 && network.outputs[0].shape.size() != 2) return false;
  for (size_t i = 0; i < network.nodes.size(); ++i) {
    if (flow.IsLive(i) && flow.IsData(i) && !ending.nodes.contains(i)) return false;
  }
  return true;
}

// Names of what `network` makes, so that none meets one of the rest.
void RenameInside(Network& network, const Network& rest) {
  FreshNames fresh(rest);
  std::map<std::string, std::string> names = {{"", ""}};
  for (const Value& input : network.inputs) names[input.name] = input.name;
  for (const Value& output : network.outputs) names[output.name] = output.name;
  std::map<std::string, Tensor> initializers;
  for (auto& [name, tensor] : network.initializers) {
    const auto same = rest.initializers.find(name);
    const bool shared = same != rest.initializers.end() && same->second == tensor;
    const std::string& made =
        names.try_emplace(name, shared ? name : fresh.Make(name)).first->second;
    initializers[made] = std::move(tensor);
  }
  network.initializers = std::move(initializers);
  const auto renamed = [&](const std::string& name) -> const std::string& {
    const auto found = names.find(name);
    return found != names.end() ? found->second : names[name] = fresh.Make(name);
  };
  std::set<std::string> node_names;
  for (const Node& node : rest.nodes) node_names.insert(node.name);
  for (Node& node : network.nodes) {
    while (!node_names.insert(node.name).second) node.name += "_core";
    for (std::string& value : node.inputs) value = renamed(value);
    for (std::string& value : node.outputs) value = renamed(value);
  }
}

void CheckEnds(const Network& core, const Network& replacement) {
  const auto same = [](const std::vector<Value>& a, const std::vector<Value>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Value& x, const Value& y) { return x.name == y.name; });
  };
  if (same(core.inputs, replacement.inputs) && same(core.outputs, replacement.outputs)) return;
  throw std::logic_error("a replacement must have the inputs and outputs of the core");
}

}  // namespace

Expected<Core> FindCore(const Network& original, const CoreOptions& options) {
  Network network = original;
  std::vector<std::string> notes;
  if (options.dequantize && Dequantize(network)) {
    notes.push_back("the model is quantized already: nacre goes on from its dequantized weights");
  }
  if (ConvertToFloat(network)) {
    notes.push_back("weights of other precisions are worked on as 32-bit floats");
  }
  const bool floats = !options.dequantize && FloatInputs(network);
  const bool converted = floats || !notes.empty();
  if (converted) {
    NACRE_TRY(network, FoldConstants(network));
  }
  NACRE_TRY(const Beginning beginning, FindBeginning(network, options));
  NACRE_TRY(const Ending ending, FindEnding(network, beginning, options));
  if (!converted && IsNormal(network, beginning, ending)) {
    Core core{.network = std::move(network),
              .input = beginning.input,
              .classes = ending.classes,
              .notes = ending.notes,
              .whole = true};
    core.notes.insert(core.notes.end(), original.readings.begin(), original.readings.end());
    return core;
  }
  NACRE_TRY(Core core, Cutter(network, beginning, ending).Cut());
  core.notes.insert(core.notes.begin(), notes.begin(), notes.end());
  core.notes.insert(core.notes.end(), original.readings.begin(), original.readings.end());
  return core;
}

Expected<Network> TailOf(const Core& core) {
  Network tail;
  tail.name = core.rest.name + "_tail";
  tail.opset = core.rest.opset;
  if (core.whole) return tail;
  tail.inputs = core.network.outputs;
  tail.outputs = core.rest.outputs;
  tail.initializers = core.rest.initializers;
  tail.nodes.assign(core.rest.nodes.begin() + static_cast<std::ptrdiff_t>(core.prologue),
                    core.rest.nodes.end());
  RemoveDead(tail);
  if (auto verified = Verify(tail); !verified) {
    return Fail(ErrorKind::kModel, "what lies behind the heads reads more than they answer: " +
                                       verified.error().message);
  }
  return tail;
}

Network Embed(const Core& core, const Network& replacement) {
  CheckEnds(core.network, replacement);
  if (core.whole) return replacement;
  Network inside = replacement;
  Network whole = core.rest;
  RenameInside(inside, core.rest);
  whole.nodes.insert(whole.nodes.begin() + static_cast<std::ptrdiff_t>(core.prologue),
                     inside.nodes.begin(), inside.nodes.end());
  whole.initializers.merge(inside.initializers);
  for (const auto& [key, value] : replacement.metadata) whole.metadata[key] = value;
  RemoveDead(whole);
  return whole;
}

}  // namespace nacre
