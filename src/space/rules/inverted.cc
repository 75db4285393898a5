// A depthwise convolution between pointwise ones, with more channels (arXiv 1801.04381).
#include "space/rules/fresh.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

std::vector<Candidate> Inverted(const Span& span, const SpaceOptions& options) {
  const int64_t mid = 2 * span.in[1];
  const std::string& act = options.activation;
  const Body body = [&](NetworkBuilder& b, const std::string& x) {
    const auto y = b.ConvBn(x, {.out = mid, .kernel = 1}, act);
    const auto z = b.ConvBn(y, {.out = mid, .stride = span.stride, .groups = mid}, act);
    return Close(b, span, x, z, LastActivation(span, options));
  };
  return {Fresh(span, options, CandidateKind::kInverted, "2", body)};
}

}  // namespace

Rule InvertedRule() { return {"inverted", SuitsPointwise, Inverted}; }

}  // namespace nacre::space_internal
