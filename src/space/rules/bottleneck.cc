// A convolution between pointwise ones, with fewer channels (arXiv 1512.03385, section 4.1).
#include "space/rules/fresh.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

bool IsWideEnough(const Span& span, const SpaceOptions& options) {
  return SuitsPointwise(span, options) && span.out[1] / 2 >= options.channel_multiple;
}

// Half of the channels of the output; in place of several bottlenecks those that their work pays
// for. A single bottleneck is thinned, with its trained weights.
std::vector<int64_t> Widths(const Span& span, const SpaceOptions& options) {
  const auto in = static_cast<double>(span.in[1]);
  const auto out = static_cast<double>(span.out[1]);
  const auto area = static_cast<double>(span.stride * span.stride);
  if (span.inner == 0) return {span.out[1] / 2};
  if (span.blocks() == 1) return {};
  return WidthsWithin(span, options,
                      [&](double width) { return width * (area * in + 9 * width + out); });
}

std::vector<Candidate> Bottleneck(const Span& span, const SpaceOptions& options) {
  const std::string& act = options.activation;
  std::vector<Candidate> candidates;
  for (const int64_t mid : Widths(span, options)) {
    const Body body = [&](NetworkBuilder& b, const std::string& x) {
      const auto y = b.ConvBn(x, {.out = mid, .kernel = 1}, act);
      const auto z = b.ConvBn(y, {.out = mid, .stride = span.stride}, act);
      return Close(b, span, x, z, LastActivation(span, options));
    };
    candidates.push_back(
        Fresh(span, options, CandidateKind::kBottleneck, std::to_string(mid), body));
  }
  return candidates;
}

}  // namespace

Rule BottleneckRule() { return {"bottleneck", IsWideEnough, Bottleneck}; }

}  // namespace nacre::space_internal
