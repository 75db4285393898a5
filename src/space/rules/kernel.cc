// The trained layers with the centres of their kernels.
#include "space/kernels.h"
#include "space/rules/rule.h"

namespace nacre::space_internal {
namespace {

std::vector<Candidate> SmallKernels(const Span& span, const SpaceOptions&) {
  Network smaller = span.network;
  if (!ShrinkKernels(smaller)) return {};
  return {MakeCandidate(span, CandidateKind::kKernel, "3", std::move(smaller))};
}

}  // namespace

Rule KernelRule() { return {"kernel", IsOneBlock, SmallKernels}; }

}  // namespace nacre::space_internal
