// Several blocks become one residual block.
#include "space/rules/fresh.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

bool MayBecomeOneBlock(const Span& span, const SpaceOptions& options) {
  return SuitsFresh(span, options) && span.blocks() >= 2 && span.stride <= 2;
}

std::vector<int64_t> Widths(const Span& span, const SpaceOptions& options) {
  const auto in = static_cast<double>(span.in[1]);
  const auto out = static_cast<double>(span.out[1]);
  if (span.inner == 0) return MidWidths(span.out[1], options.channel_multiple);
  return WidthsWithin(span, options, [&](double width) {
    return 9 * width * (in + out) + (span.same_shape() ? 0 : in * out);
  });
}

std::vector<Candidate> Merge(const Span& span, const SpaceOptions& options) {
  const int64_t out = span.out[1];
  const std::string last = LastActivation(span, options);
  std::vector<Candidate> candidates;
  for (const int64_t mid : Widths(span, options)) {
    const Body body = [&](NetworkBuilder& b, const std::string& x) {
      const ConvSpec first{.out = mid, .stride = span.stride};
      return Residual(b, x, first, out, options.activation, last);
    };
    candidates.push_back(Fresh(span, options, CandidateKind::kMerge, std::to_string(mid), body));
  }
  return candidates;
}

}  // namespace

Rule MergeRule() { return {"merge", MayBecomeOneBlock, Merge}; }

}  // namespace nacre::space_internal
