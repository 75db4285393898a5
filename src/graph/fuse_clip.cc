// Max and Min with numbers, as some exporters write ReLU6, become Clip, which compilers and the
// quantizer know.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>

#include "graph/fold.h"
#include "graph/fresh_names.h"

namespace nacre::graph_internal {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// A value between two numbers.
struct Bounded {
  std::string value;
  float low = -kInfinity, high = kInfinity;
};

std::optional<float> NumberOf(const Network& network, const std::string& name) {
  const Tensor* tensor = network.Initializer(name);
  if (tensor == nullptr || tensor->type() != DataType::kFloat || tensor->count() != 1) return {};
  // A number of more axes than the value would add axes to it.
  if (tensor->shape().size() > 1) return {};
  return tensor->ToFloats()[0];
}

std::optional<float> OptionalBound(const Network& network, const Node& node, size_t input,
                                   float otherwise) {
  if (input >= node.inputs.size() || node.inputs[input].empty()) return otherwise;
  return NumberOf(network, node.inputs[input]);
}

// What Max, Min, Relu and Clip do to their one input that is not a number.
std::optional<Bounded> BoundsOf(const Network& network, const Node& node) {
  if (node.opaque()) return {};
  if (node.op == "Relu") return Bounded{node.inputs[0], 0};
  if (node.op == "Clip") {
    const auto low = OptionalBound(network, node, 1, -kInfinity);
    const auto high = OptionalBound(network, node, 2, kInfinity);
    if (!low || !high) return {};
    return Bounded{node.inputs[0], *low, *high};
  }
  if ((node.op != "Max" && node.op != "Min") || node.inputs.size() != 2) return {};
  for (const size_t side : {size_t{0}, size_t{1}}) {
    const auto number = NumberOf(network, node.inputs[1 - side]);
    if (!number || network.Initializer(node.inputs[side]) != nullptr) continue;
    return node.op == "Max" ? Bounded{node.inputs[side], *number}
                            : Bounded{node.inputs[side], -kInfinity, *number};
  }
  return {};
}

// One node for `first` and what reads it alone.
Node Joined(Network& network, FreshNames& names, const Node& second, const Bounded& first,
            const Bounded& then) {
  const float low = std::clamp(first.low, then.low, then.high);
  const float high = std::clamp(first.high, then.low, then.high);
  Node clip{.name = second.name, .op = "Clip", .inputs = {first.value}, .outputs = second.outputs};
  const auto add = [&](const char* key, float bound) {
    if (!std::isfinite(bound)) return clip.inputs.emplace_back();
    const std::string name = names.Make(second.outputs[0] + key);
    network.initializers[name] = Tensor::Scalar(bound);
    return clip.inputs.emplace_back(name);
  };
  add("/min", low);
  add("/max", high);
  while (clip.inputs.back().empty()) clip.inputs.pop_back();
  return clip;
}

// Who makes and who reads each value, as nodes are replaced.
class Links {
 public:
  explicit Links(const Network& network) {
    for (size_t i = 0; i < network.nodes.size(); ++i) {
      for (const std::string& output : network.nodes[i].outputs) producer_[output] = i;
      for (const std::string& input : network.nodes[i].inputs) ++readings_[input];
    }
    for (const Value& output : network.outputs) ++readings_[output.name];
    producer_.erase("");  // stands for outputs that are not given
  }
  std::optional<size_t> Producer(const std::string& value) const {
    const auto found = producer_.find(value);
    return found == producer_.end() ? std::nullopt : std::optional(found->second);
  }
  // By one node, or as an output of the network.
  bool IsReadOnce(const std::string& value) const { return readings_.at(value) == 1; }
  void ReadInstead(const std::string& old, const std::string& value) {
    --readings_[old];
    ++readings_[value];
  }

 private:
  std::unordered_map<std::string, size_t> producer_;
  std::unordered_map<std::string, int> readings_;
};

}  // namespace

void FuseClips(Network& network) {
  Links links(network);
  FreshNames names(network);
  for (size_t i = 0; i < network.nodes.size(); ++i) {
    const auto then = BoundsOf(network, network.nodes[i]);
    if (!then || network.nodes[i].op == "Relu") continue;
    const auto producer = links.Producer(then->value);
    if (!producer || !links.IsReadOnce(then->value)) continue;
    const auto first = BoundsOf(network, network.nodes[*producer]);
    if (!first || then->low > then->high || first->low > first->high) continue;
    network.nodes[i] = Joined(network, names, network.nodes[i], *first, *then);
    links.ReadInstead(then->value, first->value);
  }
}

}  // namespace nacre::graph_internal
