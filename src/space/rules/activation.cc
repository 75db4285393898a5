// The trained layers with the activation function that the target runs fast.
#include "graph/operations.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

// Whether the node is x * sigmoid(x), and which input x is.
bool IsSilu(const Network& network, const Node& node, size_t side) {
  const auto gate = network.Producer(node.inputs[side]);
  if (!gate) return false;
  const Node& sigmoid = network.nodes[*gate];
  return TraitsOf(sigmoid.op).activation == ActivationClass::kGate &&
         sigmoid.inputs[0] == node.inputs[1 - side];
}

// HardSwish, SiLU and the like become `activation`; weights stay.
bool SimplifyActivations(Network& network, const std::string& activation) {
  bool changed = false;
  for (Node& node : network.nodes) {
    if (TraitsOf(node.op).activation == ActivationClass::kSlow) {
      node.op = activation;
      node.attributes.clear();
      changed = true;
    }
    if (node.op != "Mul" || node.inputs.size() != 2) continue;
    for (size_t side : {0, 1}) {
      if (!IsSilu(network, node, side)) continue;
      node.inputs = {node.inputs[1 - side]};
      node.op = activation;
      changed = true;
      break;
    }
  }
  if (changed) RemoveDead(network);
  return changed;
}

std::vector<Candidate> FastActivation(const Span& span, const SpaceOptions& options) {
  Network simple = span.network;
  if (!SimplifyActivations(simple, options.activation)) return {};
  return {MakeCandidate(span, CandidateKind::kActivation, "", std::move(simple))};
}

}  // namespace

Rule ActivationRule() { return {"activation", IsOneBlock, FastActivation}; }

}  // namespace nacre::space_internal
