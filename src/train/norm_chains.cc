#include "train/norm_chains.h"

#include <algorithm>

namespace nacre::train_internal {
namespace {

using Kept = std::function<bool(const std::string&)>;

bool IsPlain(const Node& node, const char* op) {
  return node.op == op && node.domain.empty() && !node.opaque();
}

// The node that takes over where `node` ends, if it is of operation `op`: the only reader of the
// only output, which it reads once and which nobody wants to see.
const Node* Successor(const Network& network, const Kept& kept, const Node& node, const char* op) {
  if (node.outputs.size() != 1 || kept(node.outputs[0])) return nullptr;
  const std::vector<size_t> readers = network.Consumers(node.outputs[0]);
  if (readers.size() != 1) return nullptr;
  const Node& next = network.nodes[readers[0]];
  const bool once = std::count(next.inputs.begin(), next.inputs.end(), node.outputs[0]) == 1;
  return once && IsPlain(next, op) ? &next : nullptr;
}

void AddChain(const Network& network, const Kept& kept, const Node& norm, NormChains& chains) {
  NormChain chain{.norm = &norm};
  const Node* last = &norm;
  const Node* add = Successor(network, kept, *last, "Add");
  const bool taken = chains.earlier.count(add) > 0 || chains.by_last.count(add) > 0;
  if (add != nullptr && !taken) {
    chain.residual = add->inputs.at(add->inputs[0] == norm.outputs[0] ? 1 : 0);
    chains.earlier.insert(last);
    last = add;
  }
  if (const Node* relu = Successor(network, kept, *last, "Relu")) {
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
    if (IsPlain(node, "BatchNormalization")) AddChain(network, kept, node, chains);
  }
  return chains;
}

}  // namespace nacre::train_internal
