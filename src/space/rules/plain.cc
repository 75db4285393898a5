// One or two convolutions without a shortcut.
#include "space/rules/fresh.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

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
  for (const int64_t mid : MidWidths(out, options.channel_multiple)) {
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
