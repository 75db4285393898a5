// The trained layers with a grouped convolution opened: the most important groups become one dense
// convolution, at the cost of all groups or less. It begins as those groups, and learns what lies
// between them.
#include <algorithm>

#include "space/groups.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

bool HasOneGrouped(const Span& span, const SpaceOptions&) {
  return span.blocks() == 1 && OneGrouped(span.network).has_value();
}

// The most groups whose channels are a multiple, and that cost at most `share` of the block when
// they are one; 0: none. The layers around get narrower with them.
int64_t GroupsWithin(const Span& span, const GroupedConvolution& conv, double share,
                     int64_t multiple) {
  const Shape& kernel = span.network.Initializer(span.network.nodes[conv.node].inputs[1])->shape();
  const auto macs = static_cast<double>(span.out[2] * span.out[3] * ElementCount(kernel));
  const int64_t filled = (conv.inputs + multiple - 1) / multiple * multiple;
  const double grouped = macs * static_cast<double>(filled) / static_cast<double>(conv.inputs);
  const double others = std::max(0.0, span.work - grouped);
  const auto all = static_cast<double>(conv.groups);
  for (int64_t keep = conv.groups; keep >= 1; --keep) {
    if (keep * conv.outputs % multiple != 0) continue;
    const double part = static_cast<double>(keep) / all;
    if (others * part + macs * all * part * part <= share * span.work) return keep;
  }
  return 0;
}

std::vector<Candidate> Dense(const Span& span, const SpaceOptions& options) {
  const GroupedConvolution conv = *OneGrouped(span.network);
  std::vector<Candidate> candidates;
  for (const double share : {1.0, 0.5, 0.25}) {
    const int64_t keep = GroupsWithin(span, conv, share, options.channel_multiple);
    if (keep == 0) continue;
    auto kept = KeepGroups(span.network, conv, keep);
    if (!kept) continue;
    const auto rest = keep == 1 ? std::nullopt : OneGrouped(*kept);
    Network dense = rest ? JoinGroups(std::move(*kept), *rest, 1) : std::move(*kept);
    candidates.push_back(MakeCandidate(span, CandidateKind::kDense,
                                       std::to_string(keep * conv.outputs), std::move(dense)));
  }
  return candidates;
}

}  // namespace

Rule DenseRule() { return {"dense", HasOneGrouped, Dense}; }

}  // namespace nacre::space_internal
