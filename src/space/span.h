// Runs of blocks that candidates may replace, and how candidates for them are named.
// Private to space/.
#pragma once

#include <string>
#include <vector>

#include "graph/blocks.h"
#include "graph/network.h"
#include "space/space.h"

namespace nacre::space_internal {

// The blocks first..last of the network.
struct Span {
  int first = 0, last = 0;
  std::string input, output;  // values
  Shape in, out;              // [1, C, H, W]
  int64_t stride = 1;         // the height of `in` over that of `out`
  bool activated = false;     // ends with an activation function
  bool positive = false;      // its input is the output of a ReLU
  double work = 0;            // WorkOf the blocks as they are (space/work.h)
  int64_t inner = 0;          // InnerWidth of the blocks (space/bottleneck.h)
  Network network;            // the blocks as they are

  int blocks() const { return last - first + 1; }
  bool same_shape() const { return in == out; }
};

// All spans that may be replaced: short runs, whole stages, and runs that reach from one stage into
// the next.
std::vector<Span> FindSpans(const Network& network, const std::vector<Block>& blocks,
                            const SpaceOptions& options);

// Leaves about `most` candidates (0: all; every "keep" stays), in their order: single blocks and
// whole stages first, a few kinds for every span before many for one.
void Trim(std::vector<Candidate>& candidates, const std::vector<Block>& blocks, int most);

// "b3-b5:plain32"; the detail ("32") may be empty.
std::string CandidateId(const Span& span, CandidateKind kind, const std::string& detail);
Candidate MakeCandidate(const Span& span, CandidateKind kind, const std::string& detail,
                        Network fragment);

}  // namespace nacre::space_internal
