// Where a network can be cut, and the blocks between the cuts (docs: method.md section 2, step 0).
#pragma once

#include <string>
#include <vector>

#include "graph/network.h"

namespace nacre {

// Values through which all data flows from the network's single input to its single output, in order, the input first
// and the output last. Only activations count; a network with several inputs or outputs has no inner cut points.
std::vector<std::string> CutPoints(const Network& network);

// A block ends where a merge (Add, Concat, ...) and its activation end, or, in plain parts, at an activation, pooling
// or convolution output; shape-only chains and activations belong to what they follow. Blocks partition the nodes
// between input and output: block i's output is block i+1's input.
struct Block {
  std::string name;              // stable: "b0", "b1", ...
  std::string input, output;     // values
  std::vector<size_t> nodes;     // indices into Network::nodes, ascending
  Shape input_shape, output_shape;  // at batch 1
  int stage = 0;                 // counts spatial size changes: 0 before the first reduction
  int64_t macs = 0;
  bool trainable = true;         // false: holds an opaque node or an operation with no gradient
  std::string kind;              // "residual", "convolution", "head", "pool", "other"
};

Expected<std::vector<Block>> FindBlocks(const Network& network);

// The network between two cut points, as a network with input `input` and output `output` (names kept).
// Both values must be cut points in order (throws std::logic_error otherwise). Batch is dynamic.
Network Extract(const Network& network, const std::string& input, const std::string& output);

// `network` with everything between `input` and `output` replaced by `fragment` (one input, one output, which fit in
// shape; not checked here). All other values keep their names; the fragment's get a prefix where they clash.
Network Splice(const Network& network, const std::string& input, const std::string& output, const Network& fragment);

}  // namespace nacre
