#include "train/fuse.h"

namespace nacre {
namespace {

class Finder {
 public:
  Finder(const Network& network, const std::function<bool(const std::string&)>& kept) : kept_(kept) {
    for (const Node& node : network.nodes) {
      for (const std::string& input : node.inputs) readers_[input].push_back(&node);
    }
  }

  void Follow(const Node& norm, NormChains& chains) const {
    NormChain chain{.norm = &norm};
    const Node* last = &norm;
    if (const Node* add = Next(*last, "Add"); add && !chains.earlier.count(add) && !chains.by_last.count(add)) {
      chain.residual = add->inputs.at(add->inputs[0] == norm.outputs[0] ? 1 : 0);
      chains.earlier.insert(last);
      last = add;
    }
    if (const Node* relu = Next(*last, "Relu")) {
      chain.relu = true;
      chains.earlier.insert(last);
      last = relu;
    }
    chains.by_last[last] = chain;
  }

 private:
  // The only reader of what a node gives, if it is of this operation and nobody wants to see what it reads.
  const Node* Next(const Node& node, const char* op) const {
    if (node.outputs.size() != 1 || kept_(node.outputs[0])) return nullptr;
    const auto readers = readers_.find(node.outputs[0]);
    if (readers == readers_.end() || readers->second.size() != 1) return nullptr;
    const Node* next = readers->second[0];
    return next->op == op && next->domain.empty() && !next->opaque() ? next : nullptr;
  }

  const std::function<bool(const std::string&)>& kept_;
  std::map<std::string, std::vector<const Node*>> readers_;
};

}  // namespace

NormChains FindNormChains(const Network& network, const std::function<bool(const std::string&)>& kept) {
  const Finder finder(network, kept);
  NormChains chains;
  for (const Node& node : network.nodes) {
    if (node.op == "BatchNormalization" && node.domain.empty() && !node.opaque()) finder.Follow(node, chains);
  }
  return chains;
}

}  // namespace nacre
