// A replacement for a span of blocks, and how it rates.
#pragma once

#include <optional>
#include <string>

#include "cost/usage.h"
#include "graph/network.h"

namespace nacre {

// Every kind of candidate, in the order in which they are worth trying in a span: that of
// experience on CPUs (docs/method.md, section 1).
enum class CandidateKind {
  kKeep,          // the trained block as it is
  kDrop,          // nothing
  kMerge,         // one residual block, trained or fresh, in place of several
  kPlain,         // one or two convolutions without a shortcut
  kThin,          // the trained layers with fewer inner channels
  kEarlyStride,   // the stride first, then residual blocks at the low resolution
  kActivation,    // the trained layers with a cheaper activation function
  kGrouped,       // a grouped convolution, then a pointwise one
  kReparam,       // the shortcut folded into the convolutions
  kKernel,        // the trained layers with 3x3 kernels
  kBottleneck,    // a convolution between pointwise ones, with fewer channels
  kFused,         // a convolution to more channels, then a pointwise one
  kLowRank,       // convolutions factored into narrower ones
  kInverted,      // a depthwise convolution between pointwise ones, with more channels
  kSeparable,     // a depthwise convolution, then a pointwise one
  kUngated,       // the trained layers without their gate; as worth trying as kActivation
  kFewerGroups,   // the trained layers with fewer groups; as worth trying as kThin
  kDense,         // the most important groups as one dense convolution; as worth trying as kThin
  kJoinedGroups,  // narrow groups joined to wide ones; as worth trying as kActivation
};

// As it is part of Candidate::id: "keep", "early-stride".
std::string Name(CandidateKind kind);

// A replacement for blocks first..last of the network.
struct Candidate {
  std::string id;  // stable, unique in its space and readable: "b3-b4:plain48", "b2:keep"
  CandidateKind kind = CandidateKind::kKeep;
  int first = 0, last = 0;
  // Starts with the trained weights where they fit. Its input and output are named as the span's.
  Network fragment;
};

bool IsKeep(const Candidate& candidate);

// Its layers are trained ones, or computed from them, so that it begins near what it replaces.
bool Inherits(const Candidate& candidate);

struct RatedCandidate {
  Candidate candidate;
  // Cost on the target; memory is that of its weights and a share of the activations. Nothing where
  // the latency table has no entry for it.
  std::optional<Usage> usage = {};
  // Kullback-Leibler divergence of the teacher's outputs when the candidate stands in the otherwise
  // intact teacher: at least 0, lower is better, 0 for "keep". Nothing where it was not distilled,
  // or could not be.
  std::optional<double> score = {};
};

}  // namespace nacre
