// A convolution to more channels, then a pointwise one: an inverted residual whose first two
// convolutions are one (arXiv 2104.00298, section 3.2).
#include "space/rules/fresh.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

std::vector<Candidate> Fused(const Span& span, const SpaceOptions& options) {
  const int64_t mid = 2 * span.in[1];
  const Body body = [&](NetworkBuilder& b, const std::string& x) {
    const auto y = b.ConvBn(x, {.out = mid, .stride = span.stride}, options.activation);
    return Close(b, span, x, y, LastActivation(span, options));
  };
  return {Fresh(span, options, CandidateKind::kFused, std::to_string(mid), body)};
}

}  // namespace

Rule FusedRule() { return {"fused", SuitsPointwise, Fused}; }

}  // namespace nacre::space_internal
