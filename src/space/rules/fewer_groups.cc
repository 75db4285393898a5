// The trained layers with fewer groups of a grouped convolution: whole groups go, so that those
// that stay are as wide as before.
#include <algorithm>

#include "space/groups.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

bool HasGroups(const Span& span, const SpaceOptions&) {
  return span.blocks() == 1 && !FindGrouped(span.network).empty();
}

// A share of the groups, rounded up so that their channels are a multiple that the target likes,
// where a group divides it.
int64_t GroupsFor(const GroupedConvolution& conv, double share, int64_t multiple) {
  const auto exact = static_cast<int64_t>(share * static_cast<double>(conv.groups) + 0.999);
  const int64_t unit = multiple % conv.outputs == 0 ? multiple / conv.outputs : 1;
  return std::min(conv.groups, (exact + unit - 1) / unit * unit);
}

// Every grouped convolution of the network keeps a share of its groups.
Expected<Network> WithShare(Network network, double share, int64_t multiple) {
  for (size_t i = 0; i < FindGrouped(network).size(); ++i) {
    const GroupedConvolution conv = FindGrouped(network)[i];
    const int64_t keep = GroupsFor(conv, share, multiple);
    if (keep < 2 || keep == conv.groups) continue;
    NACRE_TRY(network, KeepGroups(network, conv, keep));
  }
  return network;
}

std::vector<Candidate> FewerGroups(const Span& span, const SpaceOptions& options) {
  std::vector<Candidate> candidates;
  for (const auto& [share, detail] :
       {std::pair(0.75, "75"), std::pair(0.5, "50"), std::pair(0.25, "25")}) {
    auto fewer = WithShare(span.network, share, options.channel_multiple);
    if (!fewer) continue;
    candidates.push_back(
        MakeCandidate(span, CandidateKind::kFewerGroups, detail, std::move(*fewer)));
  }
  return candidates;
}

}  // namespace

Rule FewerGroupsRule() { return {"fewer-groups", HasGroups, FewerGroups}; }

}  // namespace nacre::space_internal
