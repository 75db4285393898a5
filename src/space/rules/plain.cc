// One or two convolutions without a shortcut.
#include "space/rules/fresh.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

// Without a shortcut, much less than the bottlenecks let through would not do.
std::vector<int64_t> Widths(const Span& span, const SpaceOptions& options) {
  const auto in = static_cast<double>(span.in[1]);
  const auto out = static_cast<double>(span.out[1]);
  const auto side = static_cast<double>(KernelFor(span.stride));
  if (span.inner == 0) return MidWidths(span.out[1], options.channel_multiple);
  std::vector<int64_t> widths = WidthsWithin(
      span, options, [&](double width) { return width * (side * side * in + 9 * out); });
  std::erase_if(widths, [&](int64_t width) { return 2 * width < span.inner; });
  return widths;
}

std::vector<Candidate> Plain(const Span& span, const SpaceOptions& options) {
  const int64_t out = span.out[1];
  const int64_t stride = span.stride;
  const int64_t kernel = KernelFor(stride);
  const std::string last = LastActivation(span, options);
  const Body one = [&](NetworkBuilder& b, const std::string& x) {
    return b.ConvBn(x, {.out = out, .kernel = kernel, .stride = stride}, last);
  };
  std::vector<Candidate> candidates;
  candidates.push_back(Fresh(span, options, CandidateKind::kPlain, std::to_string(out), one));
  for (const int64_t mid : Widths(span, options)) {
    const Body two = [&](NetworkBuilder& b, const std::string& x) {
      const auto y =
          b.ConvBn(x, {.out = mid, .kernel = kernel, .stride = stride}, options.activation);
      return b.ConvBn(y, {.out = out}, last);
    };
    candidates.push_back(Fresh(span, options, CandidateKind::kPlain,
                               std::to_string(mid) + "-" + std::to_string(out), two));
  }
  return candidates;
}

}  // namespace

Rule PlainRule() { return {"plain", SuitsFresh, Plain}; }

}  // namespace nacre::space_internal
