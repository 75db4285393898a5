// A depthwise convolution, then a pointwise one (arXiv 1704.04861).
#include "space/rules/fresh.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

std::vector<Candidate> Separable(const Span& span, const SpaceOptions& options) {
  const int64_t in = span.in[1];
  const Body body = [&](NetworkBuilder& b, const std::string& x) {
    const auto y =
        b.ConvBn(x, {.out = in, .stride = span.stride, .groups = in}, options.activation);
    return Close(b, span, x, y, LastActivation(span, options));
  };
  return {Fresh(span, options, CandidateKind::kSeparable, "", body)};
}

}  // namespace

Rule SeparableRule() { return {"separable", SuitsPointwise, Separable}; }

}  // namespace nacre::space_internal
