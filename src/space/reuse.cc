#include <algorithm>

#include "forecast/priors.h"
#include "graph/channels.h"
#include "graph/operations.h"
#include "graph/simplify.h"
#include "space/gates.h"
#include "space/span.h"

namespace nacre::space_internal {
namespace {

int64_t RoundUp(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// Every inner group keeps the most important `share` of its channels, rounded up to a multiple that
// the target runs well. The same network when nothing gets thinner.
Expected<Network> Thin(Network network, double share, const SpaceOptions& options) {
  std::vector<std::string> done;
  for (;;) {
    NACRE_TRY(const auto groups, FindChannelGroups(network));
    const auto next = std::find_if(groups.begin(), groups.end(), [&](const ChannelGroup& group) {
      return group.prunable && std::find(done.begin(), done.end(), group.name) == done.end();
    });
    if (next == groups.end()) return network;
    done.push_back(next->name);
    const int64_t width = RoundUp(static_cast<int64_t>(share * static_cast<double>(next->width)),
                                  options.channel_multiple);
    if (width >= next->width) continue;
    NACRE_TRY(const auto keep, SelectChannels(*next, ChannelImportance(network, *next), width));
    NACRE_TRY(network, KeepChannels(network, *next, keep));
  }
}

// HardSwish, SiLU and the like become the activation that the target runs fast; weights stay.
bool SimplifyActivations(Network& network, const std::string& activation) {
  bool changed = false;
  for (Node& node : network.nodes) {
    if (TraitsOf(node.op).activation == ActivationClass::kSlow) {
      node.op = activation;
      node.attributes.clear();
      changed = true;
    }
    if (node.op != "Mul" || node.inputs.size() != 2) continue;
    for (size_t side : {0, 1}) {  // x * sigmoid(x)
      const auto gate = network.Producer(node.inputs[side]);
      if (!gate) continue;
      const Node& sigmoid = network.nodes[*gate];
      if (TraitsOf(sigmoid.op).activation != ActivationClass::kGate ||
          sigmoid.inputs[0] != node.inputs[1 - side])
        continue;
      node.inputs = {node.inputs[1 - side]};
      node.op = activation;
      changed = true;
      break;
    }
  }
  if (changed) RemoveDead(network);
  return changed;
}

bool HasDepthwise(const Network& network) {
  return std::any_of(network.nodes.begin(), network.nodes.end(), [](const Node& node) {
    return node.op == "Conv" && node.Int("group", 1) > 1;
  });
}

// The inner channels of an inverted residual without a shortcut (arXiv 1801.04381) reach over three
// blocks: to more channels, depthwise, to fewer.
bool MayBeThinned(const Span& span) {
  constexpr int kInverted = 3;
  if (span.blocks() <= priors::kLongestThinned) return true;
  return span.blocks() == kInverted && HasDepthwise(span.network);
}

Network IdentityOf(const Span& span) {
  Network network;
  network.name = "drop";
  Shape shape = span.in;
  shape[0] = kDynamic;
  network.inputs = {{span.input, DataType::kFloat, shape}};
  network.outputs = {{span.output, DataType::kFloat, shape}};
  network.nodes = {
      {.name = "drop", .op = "Identity", .inputs = {span.input}, .outputs = {span.output}}};
  return network;
}

}  // namespace

std::vector<Candidate> ReuseCandidates(const Span& span, const SpaceOptions& options) {
  std::vector<Candidate> candidates;
  const auto add = [&](CandidateKind kind, const std::string& detail, Network network) {
    candidates.push_back(MakeCandidate(span, kind, detail, std::move(network)));
  };
  if (span.blocks() == 1) add(CandidateKind::kKeep, "", span.network);
  if (span.same_shape()) add(CandidateKind::kDrop, "", IdentityOf(span));
  if (MayBeThinned(span)) {
    for (const auto& [share, detail] :
         {std::pair(0.75, "75"), std::pair(0.5, "50"), std::pair(0.25, "25")}) {
      auto thin = Thin(span.network, share, options);
      if (thin) add(CandidateKind::kThin, detail, std::move(*thin));
    }
  }
  if (span.blocks() == 1) {
    Network ungated = span.network;
    if (DropGates(ungated)) add(CandidateKind::kUngated, "", std::move(ungated));
    Network simple = span.network;
    if (SimplifyActivations(simple, options.activation))
      add(CandidateKind::kActivation, "", std::move(simple));
  }
  return candidates;
}

}  // namespace nacre::space_internal
