// The trained layers with fewer inner channels: the most important ones stay.
#include <algorithm>

#include "forecast/priors.h"
#include "graph/channels.h"
#include "space/rules/rule.h"

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

bool HasDepthwise(const Network& network) {
  return std::any_of(network.nodes.begin(), network.nodes.end(), [](const Node& node) {
    return node.op == "Conv" && node.Int("group", 1) > 1;
  });
}

// The inner channels of an inverted residual without a shortcut (arXiv 1801.04381) reach over three
// blocks: to more channels, depthwise, to fewer.
bool MayBeThinned(const Span& span, const SpaceOptions&) {
  constexpr int kInverted = 3;
  if (span.blocks() <= priors::kLongestThinned) return true;
  return span.blocks() == kInverted && HasDepthwise(span.network);
}

std::vector<Candidate> ThinToShares(const Span& span, const SpaceOptions& options) {
  std::vector<Candidate> candidates;
  for (const auto& [share, detail] :
       {std::pair(0.75, "75"), std::pair(0.5, "50"), std::pair(0.25, "25")}) {
    auto thin = Thin(span.network, share, options);
    if (thin)
      candidates.push_back(MakeCandidate(span, CandidateKind::kThin, detail, std::move(*thin)));
  }
  return candidates;
}

}  // namespace

Rule ThinRule() { return {"thin", MayBeThinned, ThinToShares}; }

}  // namespace nacre::space_internal
