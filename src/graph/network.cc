#include "graph/network.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_set>

#include "graph/fresh_names.h"

namespace nacre {
namespace {

template <typename T>
T AttributeOr(const Node& node, const std::string& key, T otherwise) {
  const auto found = node.attributes.find(key);
  if (found == node.attributes.end()) return otherwise;
  if (const T* value = std::get_if<T>(&found->second)) return *value;
  throw std::logic_error("attribute '" + key + "' of " + node.op + " node '" + node.name +
                         "' has another type");
}

std::string Describe(const Node& node) { return node.op + " node '" + node.name + "'"; }

}  // namespace

int64_t Node::Int(const std::string& key, int64_t otherwise) const {
  return AttributeOr<int64_t>(*this, key, otherwise);
}
float Node::Float(const std::string& key, float otherwise) const {
  return AttributeOr<float>(*this, key, otherwise);
}
std::string Node::String(const std::string& key, const std::string& otherwise) const {
  return AttributeOr<std::string>(*this, key, otherwise);
}
std::vector<int64_t> Node::Ints(const std::string& key, std::vector<int64_t> otherwise) const {
  return AttributeOr<std::vector<int64_t>>(*this, key, std::move(otherwise));
}
std::vector<float> Node::Floats(const std::string& key, std::vector<float> otherwise) const {
  return AttributeOr<std::vector<float>>(*this, key, std::move(otherwise));
}

std::optional<size_t> Network::Producer(const std::string& value) const {
  if (value.empty()) return std::nullopt;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const auto& outs = nodes[i].outputs;
    if (std::find(outs.begin(), outs.end(), value) != outs.end()) return i;
  }
  return std::nullopt;
}

std::vector<size_t> Network::Consumers(const std::string& value) const {
  std::vector<size_t> readers;
  if (value.empty()) return readers;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const auto& ins = nodes[i].inputs;
    if (std::find(ins.begin(), ins.end(), value) != ins.end()) readers.push_back(i);
  }
  return readers;
}

const Tensor* Network::Initializer(const std::string& value) const {
  const auto found = initializers.find(value);
  return found == initializers.end() ? nullptr : &found->second;
}

bool Network::IsOutput(const std::string& value) const {
  return std::any_of(outputs.begin(), outputs.end(),
                     [&](const Value& output) { return output.name == value; });
}

std::string Network::FreshName(const std::string& stem) const {
  return FreshNames(*this).Make(stem);
}

Expected<void> Verify(const Network& network) {
  const auto broken = [&](const std::string& what) {
    return Fail(ErrorKind::kModel,
                "network '" + network.name + "': " + what + "; export the model again");
  };
  std::unordered_set<std::string> known;
  for (const Value& input : network.inputs) {
    if (input.name.empty()) return broken("an input has no name");
    if (!known.insert(input.name).second) return broken("input '" + input.name + "' occurs twice");
  }
  for (const auto& [key, tensor] : network.initializers) {
    if (!known.insert(key).second) return broken("initializer '" + key + "' is an input too");
    if (tensor.type() == DataType::kUndefined) return broken("initializer '" + key + "' is empty");
  }
  std::unordered_set<std::string> node_names;
  for (const Node& node : network.nodes) {
    if (node.op.empty()) return broken("node '" + node.name + "' has no operation");
    if (!node.name.empty() && !node_names.insert(node.name).second) {
      return broken("two nodes are called '" + node.name + "'");
    }
    for (const std::string& input : node.inputs) {
      if (!input.empty() && !known.contains(input)) {
        return broken(Describe(node) + " reads '" + input + "', which nothing before it produces");
      }
    }
    if (std::all_of(node.outputs.begin(), node.outputs.end(),
                    [](const std::string& output) { return output.empty(); })) {
      return broken(Describe(node) + " has no output");
    }
    for (const std::string& output : node.outputs) {
      if (!output.empty() && !known.insert(output).second) {
        return broken("value '" + output + "' has two producers");
      }
    }
  }
  if (network.outputs.empty()) return broken("it has no output");
  std::unordered_set<std::string> ends;
  for (const Value& output : network.outputs) {
    if (!known.contains(output.name))
      return broken("nothing produces output '" + output.name + "'");
    if (!ends.insert(output.name).second)
      return broken("output '" + output.name + "' occurs twice");
  }
  return {};
}

Network Unmade(const Network& network) {
  Network result = network;
  for (auto& [name, tensor] : result.initializers) tensor = tensor.Unmade();
  return result;
}

void RemoveDead(Network& network) {
  std::unordered_set<std::string> needed;
  for (const Value& output : network.outputs) needed.insert(output.name);
  std::vector<bool> live(network.nodes.size(), false);
  for (size_t i = network.nodes.size(); i-- > 0;) {
    const Node& node = network.nodes[i];
    live[i] = std::any_of(node.outputs.begin(), node.outputs.end(), [&](const std::string& output) {
      return !output.empty() && needed.contains(output);
    });
    if (live[i]) needed.insert(node.inputs.begin(), node.inputs.end());
  }
  size_t kept = 0;
  for (size_t i = 0; i < network.nodes.size(); ++i) {
    if (!live[i]) continue;
    if (kept != i) network.nodes[kept] = std::move(network.nodes[i]);
    ++kept;
  }
  network.nodes.resize(kept);
  std::erase_if(network.initializers,
                [&](const auto& item) { return !needed.contains(item.first); });
}

}  // namespace nacre
