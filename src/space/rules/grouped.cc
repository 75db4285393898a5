// A grouped convolution, then a pointwise one.
#include "space/rules/fresh.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

bool FallsIntoGroups(const Span& span, const SpaceOptions& options) {
  const int64_t unit = options.channel_multiple;
  return SuitsPointwise(span, options) && span.in[1] % unit == 0 && span.in[1] / unit >= 2;
}

std::vector<Candidate> Grouped(const Span& span, const SpaceOptions& options) {
  const int64_t in = span.in[1];
  const int64_t groups = in / options.channel_multiple;
  const Body body = [&](NetworkBuilder& b, const std::string& x) {
    const auto y =
        b.ConvBn(x, {.out = in, .stride = span.stride, .groups = groups}, options.activation);
    return Close(b, span, x, y, LastActivation(span, options));
  };
  return {Fresh(span, options, CandidateKind::kGrouped, std::to_string(groups), body)};
}

}  // namespace

Rule GroupedRule() { return {"grouped", FallsIntoGroups, Grouped}; }

}  // namespace nacre::space_internal
