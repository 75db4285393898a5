// A run of blocks that candidates may stand in for. Private to this folder.
#pragma once

#include <string>
#include <vector>

#include "graph/blocks.h"
#include "graph/network.h"
#include "space/space.h"

namespace nacre {

struct Span {
  int first = 0, last = 0;
  std::string input, output;  // values
  Shape in, out;              // [1, C, H, W]
  int64_t stride = 1;         // in height over out height
  bool activated = false;     // ends with an activation function
  bool positive = false;      // its input is the output of a ReLU
  Network network;            // what stands there now

  int blocks() const { return last - first + 1; }
  bool same_shape() const { return in == out; }
};

// All spans that may be replaced: short runs, whole stages, and runs that reach from one stage into
// the next.
std::vector<Span> FindSpans(const Network& network, const std::vector<Block>& blocks,
                            const SpaceOptions& options);

// Candidates that reuse the trained layers: thin, drop, other activation.
std::vector<Candidate> ReuseCandidates(const Span& span, const SpaceOptions& options);
// Candidates that nearly compute what is there: merge (some trained blocks stand for all), reparam
// (shortcut folded into the convolutions), low-rank, kernel.
std::vector<Candidate> InheritCandidates(const Span& span, const SpaceOptions& options);
// Candidates with fresh layers: plain, merge, bottleneck, grouped, inverted, fused, early-stride.
std::vector<Candidate> FreshCandidates(const Span& span, const SpaceOptions& options);

// Leaves about `most` (0: all; every "keep" stays), in their order: single blocks and whole stages
// first, a few kinds of every span before many of one.
void Trim(std::vector<Candidate>& candidates, const std::vector<Block>& blocks, int most);

// "b3-b5:plain32"
std::string CandidateId(const Span& span, const std::string& kind, const std::string& detail = "");

}  // namespace nacre
