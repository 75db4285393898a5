// A convolution to more channels, then a pointwise one: an inverted residual whose first two
// convolutions are one (arXiv 2104.00298, section 3.2).
#include "space/rules/fresh.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

// Twice as many channels as go in; of bottlenecks those that the work of the span pays for.
std::vector<int64_t> Widths(const Span& span, const SpaceOptions& options) {
  const auto in = static_cast<double>(span.in[1]);
  const auto out = static_cast<double>(span.out[1]);
  if (span.inner == 0) return {2 * span.in[1]};
  return WidthsWithin(span, options, [&](double width) { return width * (9 * in + out); });
}

std::vector<Candidate> Fused(const Span& span, const SpaceOptions& options) {
  std::vector<Candidate> candidates;
  for (const int64_t mid : Widths(span, options)) {
    const Body body = [&](NetworkBuilder& b, const std::string& x) {
      const auto y = b.ConvBn(x, {.out = mid, .stride = span.stride}, options.activation);
      return Close(b, span, x, y, LastActivation(span, options));
    };
    candidates.push_back(Fresh(span, options, CandidateKind::kFused, std::to_string(mid), body));
  }
  return candidates;
}

}  // namespace

Rule FusedRule() { return {"fused", SuitsPointwise, Fused}; }

}  // namespace nacre::space_internal
