// The trained layers without their gates over channels (squeeze-and-excite, arXiv 1709.01507). On
// CPUs a gate costs far more than its multiply-accumulates, as the network waits for it.
#include <set>

#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

constexpr size_t kMostNodes = 16;  // of one gate

bool Pools(const Node& node) { return node.op == "GlobalAveragePool" || node.op == "ReduceMean"; }

// Whether all that `gate` is computed from is a pooled `x`.
bool IsGateOf(const Network& network, const std::string& gate, const std::string& x) {
  std::set<size_t> seen;
  std::vector<std::string> waiting = {gate};
  bool pooled = false;
  while (!waiting.empty()) {
    const std::string value = waiting.back();
    waiting.pop_back();
    if (value.empty() || network.Initializer(value) != nullptr) continue;
    const auto producer = network.Producer(value);
    if (value == x || !producer) return false;  // reached without a pooling on the way
    if (!seen.insert(*producer).second) continue;
    const Node& node = network.nodes[*producer];
    if (node.opaque() || seen.size() > kMostNodes) return false;
    if (Pools(node) && node.inputs[0] == x) {
      pooled = true;
      continue;
    }
    waiting.insert(waiting.end(), node.inputs.begin(), node.inputs.end());
  }
  return pooled;
}

// Takes every gate out: x times what was computed from the pooled x becomes x. False: there is
// none.
bool DropGates(Network& network) {
  bool changed = false;
  for (Node& node : network.nodes) {
    if (node.opaque() || node.op != "Mul" || node.inputs.size() != 2) continue;
    for (const size_t side : {size_t{0}, size_t{1}}) {
      const std::string x = node.inputs[side];
      if (!IsGateOf(network, node.inputs[1 - side], x)) continue;
      node.op = "Identity";
      node.inputs = {x};
      changed = true;
      break;
    }
  }
  if (changed) RemoveDead(network);
  return changed;
}

std::vector<Candidate> Ungated(const Span& span, const SpaceOptions&) {
  Network ungated = span.network;
  if (!DropGates(ungated)) return {};
  return {MakeCandidate(span, CandidateKind::kUngated, "", std::move(ungated))};
}

}  // namespace

Rule UngatedRule() { return {"ungated", IsOneBlock, Ungated}; }

}  // namespace nacre::space_internal
