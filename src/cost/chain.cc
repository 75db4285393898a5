#include "cost/chain.h"

#include <algorithm>
#include <string>

namespace nacre {
namespace {

// The names that the values of one part have in the chain.
struct PartNames {
  std::string prefix;    // "p2."
  std::string input;     // of the part
  std::string previous;  // the output of the parts before; empty for the first

  std::string operator()(const std::string& name) const {
    if (name.empty()) return name;
    return name == input && !previous.empty() ? previous : prefix + name;
  }
};

void Append(const Network& part, const PartNames& names, Network& chain) {
  chain.opset = std::max(chain.opset, part.opset);
  for (const auto& [name, tensor] : part.initializers) chain.initializers[names(name)] = tensor;
  for (Node node : part.nodes) {
    node.name = names.prefix + node.name;
    for (std::string& name : node.inputs) name = names(name);
    for (std::string& name : node.outputs) name = names(name);
    chain.nodes.push_back(std::move(node));
  }
  chain.outputs = part.outputs;
  for (Value& output : chain.outputs) output.name = names(output.name);
}

}  // namespace

Network Chain(const std::vector<Network>& parts) {
  Network chain;
  chain.name = "chain";
  for (size_t i = 0; i < parts.size(); ++i) {
    PartNames names{.prefix = "p" + std::to_string(i) + ".", .input = parts[i].inputs.at(0).name};
    if (i == 0) {
      chain.inputs = parts[i].inputs;
      for (Value& input : chain.inputs) input.name = names(input.name);
    } else {
      names.previous = chain.outputs[0].name;
    }
    Append(parts[i], names, chain);
  }
  return chain;
}

}  // namespace nacre
