// The trained block as it is.
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

std::vector<Candidate> Keep(const Span& span, const SpaceOptions&) {
  return {MakeCandidate(span, CandidateKind::kKeep, "", span.network)};
}

}  // namespace

Rule KeepRule() { return {"keep", IsOneBlock, Keep}; }

}  // namespace nacre::space_internal
