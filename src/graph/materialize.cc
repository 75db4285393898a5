#include <algorithm>

#include "graph/fold.h"

namespace nacre::graph_internal {
namespace {

bool IsFoldable(const Network& network, const Facts& facts, const Node& node) {
  if (node.opaque()) return false;
  return std::all_of(node.outputs.begin(), node.outputs.end(), [&](const std::string& output) {
    if (output.empty()) return true;
    const auto content = facts.contents.find(output);
    return content != facts.contents.end() && content->second.Known() && !network.IsOutput(output);
  });
}

}  // namespace

void Materialize(Network& network, const Facts& facts) {
  std::erase_if(network.nodes, [&](const Node& node) {
    if (!IsFoldable(network, facts, node)) return false;
    for (const std::string& output : node.outputs) {
      if (!output.empty()) network.initializers[output] = facts.contents.at(output).values;
    }
    return true;
  });
}

}  // namespace nacre::graph_internal
