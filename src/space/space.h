// The search space, built automatically from the trained network and the target (docs/method.md,
// section 2, step 2): candidates for spans of blocks, and architectures that pick among them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/expected.h"
#include "forecast/priors.h"
#include "graph/blocks.h"
#include "graph/network.h"
#include "space/candidate.h"

namespace nacre {

struct SpaceOptions {
  int64_t channel_multiple = priors::kChannelMultiple.Count();  // of which widths are multiples
  // Blocks; whole stages are offered as spans whatever their length.
  int longest_span = static_cast<int>(priors::kLongestSpan.Count());
  int most_candidates = static_cast<int>(priors::kMostCandidates.Count());  // 0: no limit
  std::string activation = "Relu";
  uint64_t seed = 0;
};

struct Space {
  Network network;  // the original
  std::vector<Block> blocks;
  std::vector<RatedCandidate> candidates;  // every block has exactly one candidate of kind "keep"
};

// The space of a network, without usages, and without scores but those of "keep". Spans never cross
// a block that cannot be trained; such blocks have only "keep". Deterministic. Error (kModel): the
// network cannot be divided into blocks (graph/blocks.h).
Expected<Space> BuildSpace(const Network& network, const SpaceOptions& options);

// An architecture covers every block exactly once, in order: indices into Space::candidates.
struct Architecture {
  std::vector<int> picks;
  bool operator==(const Architecture&) const = default;
};

// Error (kInternal) names the block or candidate at which the picks do not cover the blocks.
Expected<void> CheckCovers(const Space& space, const Architecture& architecture);
Architecture Original(const Space& space);
// The whole network with the picked fragments, as they are trained so far, in place; its inputs and
// outputs are those of the original.
Network Assemble(const Space& space, const Architecture& architecture);
// `network`, which was assembled as `to`, with the weights of `trained`, which was assembled as
// `from`, wherever both pick the same.
Network Graft(const Space& space, const Architecture& from, const Network& trained,
              const Architecture& to, Network network);
// The ids of the picks, in order.
std::string ToString(const Space& space, const Architecture& architecture);

// A modification of an assembled network that changes shapes between blocks.
struct Move {
  // "stage1:width64->48" (all that is coupled to the stage's output), "b3:width32->16" (inside a
  // block), "b3:drop", "stem:stride2", "stem:kernel3". Unique in a network, and the same for equal
  // networks.
  std::string id;
  // The modified network: it starts with the most important of the weights, runs, and has the same
  // inputs and outputs.
  Network network;
};
std::vector<Move> MacroMoves(const Network& network, const SpaceOptions& options);

// Applies moves one after the other. Error (kModel) names the first that the network does not offer
// (any more).
Expected<Network> ApplyMoves(Network network, const std::vector<std::string>& ids,
                             const SpaceOptions& options);

}  // namespace nacre
