#include "graph/fresh_names.h"

namespace nacre {

FreshNames::FreshNames(const Network& network) {
  for (const Value& input : network.inputs) used_.insert(input.name);
  for (const Value& output : network.outputs) used_.insert(output.name);
  for (const auto& [name, tensor] : network.initializers) used_.insert(name);
  for (const Node& node : network.nodes) {
    used_.insert(node.inputs.begin(), node.inputs.end());
    used_.insert(node.outputs.begin(), node.outputs.end());
  }
}

std::string FreshNames::Make(const std::string& stem) {
  std::string name = stem;
  for (int i = 2; !used_.insert(name).second; ++i) name = stem + "_" + std::to_string(i);
  return name;
}

}  // namespace nacre
