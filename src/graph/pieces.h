// The pieces that blocks (blocks.h) are made of.
// Private to graph/.
#pragma once

#include <string>
#include <vector>

#include "graph/flow.h"
#include "graph/network.h"

namespace nacre::graph_internal {

// What lies between two neighbouring cut points.
struct Piece {
  std::string input, output;
  std::vector<size_t> data;  // nodes that carry data
  std::vector<size_t> all;   // and those that feed them with constants or shapes
};

// A block to be: one piece or several that follow each other, and Block::kind.
struct Draft {
  Piece piece;
  std::string kind;
};

// Adds the nodes of `next` and ends where it ends.
void Append(Piece& piece, const Piece& next);

// The pieces of a network in order, joined by what belongs to what (see Block).
std::vector<Draft> FindDrafts(const Network& network, const Flow& flow);

}  // namespace nacre::graph_internal
