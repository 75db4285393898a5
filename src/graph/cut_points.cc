#include <unordered_map>

#include "graph/blocks.h"
#include "graph/flow.h"

namespace nacre {

using namespace graph_internal;

namespace {

// For each node, how many values die behind it: no later node reads them. Outputs of the network
// live to the end.
std::vector<int> Deaths(const Network& network, const Flow& flow,
                        std::unordered_map<std::string, size_t>& last_use) {
  for (size_t i = 0; i < network.nodes.size(); ++i) {
    if (!flow.IsData(i)) continue;
    for (const std::string& value : network.nodes[i].inputs) {
      if (flow.IsData(value)) last_use[value] = i;
    }
  }
  for (const Value& output : network.outputs) last_use[output.name] = network.nodes.size();
  std::vector<int> deaths(network.nodes.size() + 1);
  for (const auto& [value, node] : last_use) ++deaths[node];
  return deaths;
}

}  // namespace

// All nodes before a cut point lead to it and all after it depend on it, in every topological
// order. So a value is one exactly when nothing else is still to be read right behind its producer.
std::vector<std::string> CutPoints(const Network& network) {
  if (network.inputs.empty() || network.outputs.empty()) return {};
  const std::string& input = network.inputs[0].name;
  const std::string& output = network.outputs[0].name;
  std::vector<std::string> cuts = {input};
  if (input == output) return cuts;
  if (network.inputs.size() > 1) return {input, output};

  const Flow flow(network);
  std::unordered_map<std::string, size_t> last_use;
  const std::vector<int> deaths = Deaths(network, flow, last_use);
  int live = last_use.contains(input) ? 1 : 0;
  for (size_t i = 0; i < network.nodes.size(); ++i) {
    if (!flow.IsData(i)) continue;
    live -= deaths[i];
    const std::string* made = nullptr;
    for (const std::string& value : network.nodes[i].outputs) {
      if (!last_use.contains(value)) continue;
      ++live;
      made = &value;
    }
    if (live == 1 && made != nullptr) cuts.push_back(*made);
    if (network.outputs.size() == 1 && made != nullptr && *made == output) break;
  }
  if (network.outputs.size() == 1 && cuts.back() != output) cuts.push_back(output);
  return cuts;
}

}  // namespace nacre
