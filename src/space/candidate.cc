#include "space/candidate.h"

#include <array>

namespace nacre {
namespace {

// In the order of CandidateKind.
constexpr std::array kNames = {"keep",         "drop",       "merge",    "plain",    "thin",
                               "early-stride", "activation", "grouped",  "reparam",  "kernel",
                               "bottleneck",   "fused",      "low-rank", "inverted", "separable"};
static_assert(kNames.size() == static_cast<size_t>(CandidateKind::kSeparable) + 1);

}  // namespace

std::string Name(CandidateKind kind) { return kNames.at(static_cast<size_t>(kind)); }

bool IsKeep(const Candidate& candidate) { return candidate.kind == CandidateKind::kKeep; }

}  // namespace nacre
