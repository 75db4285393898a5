#include "train/fuse.h"

#include <algorithm>

namespace nacre {
namespace {

using Kept = std::function<bool(const std::string&)>;

// The only reader of what a node gives, if it is of this operation, reads it once, and nobody wants
// to see the value.
const Node* Next(const Network& network, const Kept& kept, const Node& node, const char* op) {
  if (node.outputs.size() != 1 || kept(node.outputs[0])) return nullptr;
  const std::vector<size_t> readers = network.Consumers(node.outputs[0]);
  if (readers.size() != 1) return nullptr;
  const Node& next = network.nodes[readers[0]];
  const bool once = std::count(next.inputs.begin(), next.inputs.end(), node.outputs[0]) == 1;
  return once && next.op == op && next.domain.empty() && !next.opaque() ? &next : nullptr;
}

void Follow(const Network& network, const Kept& kept, const Node& norm, NormChains& chains) {
  NormChain chain{.norm = &norm};
  const Node* last = &norm;
  if (const Node* add = Next(network, kept, *last, "Add");
      add && !chains.earlier.count(add) && !chains.by_last.count(add)) {
    chain.residual = add->inputs.at(add->inputs[0] == norm.outputs[0] ? 1 : 0);
    chains.earlier.insert(last);
    last = add;
  }
  if (const Node* relu = Next(network, kept, *last, "Relu")) {
    chain.relu = true;
    chains.earlier.insert(last);
    last = relu;
  }
  chains.by_last[last] = chain;
}

}  // namespace

NormChains FindNormChains(const Network& network, const Kept& kept) {
  NormChains chains;
  for (const Node& node : network.nodes) {
    if (node.op == "BatchNormalization" && node.domain.empty() && !node.opaque())
      Follow(network, kept, node, chains);
  }
  return chains;
}

}  // namespace nacre
