// The search space, built automatically from the trained network and the target (method.md section
// 2, step 2).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/random.h"
#include "graph/blocks.h"
#include "graph/network.h"

namespace nacre {

// A replacement for blocks [first, last] (inclusive) of the network.
struct Candidate {
  std::string id;    // stable and readable: "b3-b4:conv48", "b2:keep", "b5:thin32"
  std::string kind;  // keep, drop, thin, merge, plain, bottleneck, grouped, inverted, activation,
                     // early-stride, ...
  int first = 0, last = 0;
  Network fragment;  // start weights from the trained layers where they fit; input and output named
                     // as the span's
};

struct SpaceOptions {
  int64_t channel_multiple = 16;  // widths the target likes
  int longest_span = 4;           // blocks; whole stages are offered as spans whatever their length
  int most_candidates = 400;      // 0: no limit
  std::string activation = "Relu";
  uint64_t seed = 0;
};

struct Space {
  Network network;  // the original
  std::vector<Block> blocks;
  std::vector<Candidate> candidates;  // every block has exactly one candidate of kind "keep"
};

// Spans never cross a block that cannot be trained; such blocks keep only "keep". Deterministic.
Expected<Space> BuildSpace(const Network& network, const SpaceOptions& options);

// An architecture covers every block exactly once, in order: indices into Space::candidates.
struct Architecture {
  std::vector<int> picks;
  bool operator==(const Architecture&) const = default;
};

Expected<void> CheckCovers(const Space& space, const Architecture& architecture);
Architecture Original(const Space& space);
// The whole network with the picked fragments (as trained so far) in place; drop-in inputs and
// outputs.
Network Assemble(const Space& space, const Architecture& architecture);
// `network`, which was assembled as `to`, with the weights of `trained`, which was assembled as
// `from`, wherever both pick the same.
Network Graft(const Space& space, const Architecture& from, const Network& trained,
              const Architecture& to, Network network);
std::string ToString(const Space& space, const Architecture& architecture);

// Modifications of an assembled network that change shapes between blocks: tree-search moves.
struct Move {
  // "stage1:width64->48" (all that is coupled to the stage's output), "b3:width32->16" (inside a
  // block), "b3:drop", "stem:stride2", "stem:kernel3". Unique in a network, and the same for equal
  // networks.
  std::string id;
  Network network;  // with start weights by importance; runs, and has the same inputs and outputs
};
std::vector<Move> MacroMoves(const Network& network, const SpaceOptions& options);

// Applies moves one after the other. Error (kModel) names the first that the network does not offer
// (any more).
Expected<Network> ApplyMoves(Network network, const std::vector<std::string>& ids,
                             const SpaceOptions& options);

}  // namespace nacre
