// The low resolution first, then one or two residual blocks there.
#include "space/rules/fresh.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

bool GetsSmaller(const Span& span, const SpaceOptions& options) {
  return SuitsFresh(span, options) && span.blocks() >= 2 && span.stride >= 2;
}

std::vector<Candidate> EarlyStride(const Span& span, const SpaceOptions& options) {
  const int64_t out = span.out[1];
  const std::string& act = options.activation;
  const std::string last = LastActivation(span, options);
  std::vector<Candidate> candidates;
  for (const int depth : {1, 2}) {
    if (depth >= span.blocks()) continue;
    const Body body = [&](NetworkBuilder& b, std::string x) {
      const int64_t kernel = KernelFor(span.stride);
      x = b.ConvBn(x, {.out = out, .kernel = kernel, .stride = span.stride}, act);
      for (int i = 0; i < depth; ++i)
        x = Residual(b, x, {.out = out}, out, act, i + 1 < depth ? act : last);
      return x;
    };
    candidates.push_back(Fresh(span, options, CandidateKind::kEarlyStride,
                               std::to_string(out) + "x" + std::to_string(depth), body));
  }
  return candidates;
}

}  // namespace

Rule EarlyStrideRule() { return {"early-stride", GetsSmaller, EarlyStride}; }

}  // namespace nacre::space_internal
