// A convolution between pointwise ones, with fewer channels (arXiv 1512.03385, section 4.1).
#include "space/rules/fresh.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

bool IsWideEnough(const Span& span, const SpaceOptions& options) {
  return SuitsPointwise(span, options) && span.out[1] / 2 >= options.channel_multiple;
}

std::vector<Candidate> Bottleneck(const Span& span, const SpaceOptions& options) {
  const int64_t mid = span.out[1] / 2;
  const std::string& act = options.activation;
  const Body body = [&](NetworkBuilder& b, const std::string& x) {
    const auto y = b.ConvBn(x, {.out = mid, .kernel = 1}, act);
    const auto z = b.ConvBn(y, {.out = mid, .stride = span.stride}, act);
    return Close(b, span, x, z, LastActivation(span, options));
  };
  return {Fresh(span, options, CandidateKind::kBottleneck, std::to_string(mid), body)};
}

}  // namespace

Rule BottleneckRule() { return {"bottleneck", IsWideEnough, Bottleneck}; }

}  // namespace nacre::space_internal
