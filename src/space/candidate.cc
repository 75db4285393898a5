#include "space/candidate.h"

#include <array>

namespace nacre {
namespace {

// In the order of CandidateKind.
constexpr std::array kNames = {"keep",         "drop",         "merge",        "plain",
                               "thin",         "early-stride", "activation",   "grouped",
                               "reparam",      "kernel",       "bottleneck",   "fused",
                               "low-rank",     "inverted",     "separable",    "ungated",
                               "fewer-groups", "dense",        "joined-groups"};
static_assert(kNames.size() == static_cast<size_t>(CandidateKind::kJoinedGroups) + 1);

}  // namespace

std::string Name(CandidateKind kind) { return kNames.at(static_cast<size_t>(kind)); }

bool Inherits(const Candidate& candidate) {
  switch (candidate.kind) {
    case CandidateKind::kKeep:
    case CandidateKind::kDrop:
    case CandidateKind::kThin:
    case CandidateKind::kActivation:
    case CandidateKind::kReparam:
    case CandidateKind::kKernel:
    case CandidateKind::kLowRank:
    case CandidateKind::kUngated:
    case CandidateKind::kFewerGroups:
    case CandidateKind::kDense:
    case CandidateKind::kJoinedGroups:
      return true;
    case CandidateKind::kMerge:  // "b2-b3:merge-first1"; fresh ones are named by their width
      return candidate.id.find("-first") != std::string::npos;
    default:
      return false;
  }
}

bool IsKeep(const Candidate& candidate) { return candidate.kind == CandidateKind::kKeep; }

}  // namespace nacre
