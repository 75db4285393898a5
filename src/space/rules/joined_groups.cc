// The trained layers with narrow groups of a grouped convolution joined to groups as wide as the
// target likes: the same function with more multiply-accumulates, and fewer empty lanes. Also
// those with half of the groups, which cost as much as before.
#include <optional>

#include "space/groups.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

// The one grouped convolution of a block, when its groups are narrower than the target likes.
std::optional<GroupedConvolution> NarrowGroups(const Network& network, int64_t multiple) {
  const auto one = OneGrouped(network);
  return one && one->inputs < multiple ? one : std::nullopt;
}

bool HasNarrowGroups(const Span& span, const SpaceOptions& options) {
  return span.blocks() == 1 && NarrowGroups(span.network, options.channel_multiple).has_value();
}

// Groups after joining: as many as possible of the multiple's width or more.
int64_t JoinedGroups(const GroupedConvolution& conv, int64_t multiple) {
  int64_t groups = conv.groups;
  while (groups > 1 &&
         (conv.groups % groups != 0 || conv.inputs * (conv.groups / groups) < multiple))
    --groups;
  return groups;
}

std::vector<Candidate> Joined(const Span& span, const SpaceOptions& options) {
  const int64_t multiple = options.channel_multiple;
  std::vector<Candidate> candidates;
  const auto add = [&](Network network) {
    const auto conv = NarrowGroups(network, multiple);
    if (!conv) return;
    const int64_t groups = JoinedGroups(*conv, multiple);
    candidates.push_back(MakeCandidate(span, CandidateKind::kJoinedGroups, std::to_string(groups),
                                       JoinGroups(std::move(network), *conv, groups)));
  };
  add(span.network);
  const GroupedConvolution conv = *NarrowGroups(span.network, multiple);
  if (conv.groups < 4) return candidates;
  auto half = KeepGroups(span.network, conv, conv.groups / 2);
  if (half) add(std::move(*half));
  return candidates;
}

}  // namespace

Rule JoinedGroupsRule() { return {"joined-groups", HasNarrowGroups, Joined}; }

}  // namespace nacre::space_internal
