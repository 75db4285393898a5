// Where a network can be cut, and the blocks between the cuts (docs: method.md section 2, step 0).
//
// Data flows along activations only. Initializers, what is computed from them alone, and chains
// that start at a Shape node carry none. All functions here take time linear in the size of the
// network, up to a logarithm.
#pragma once

#include <string>
#include <vector>

#include "graph/network.h"

namespace nacre {

// Values through which all data flows from the network's single input to its outputs, in order, the
// input first and, where there is one output, that last. Only activations count; a network with
// several inputs has no inner cut points.
std::vector<std::string> CutPoints(const Network& network);

// A block ends where a merge (Add, Concat, ...) and its activation end, or, in plain parts, at an
// activation, pooling or convolution output; shape-only chains and activations belong to what they
// follow, and so do gates (x times a function of x: SiLU, squeeze-and-excite). Pad and whatever
// comes before the first convolution belong to what they precede. Global pooling, flattening and
// the linear layer behind it are one block. Blocks partition the live nodes between input and
// output: block i's output is block i+1's input. Where the network has several outputs, the last
// block is the "tail": all that lies behind the last value through which all data flows.
struct Block {
  std::string name;                 // stable: "b0", "b1", ...
  std::string input, output;        // values
  std::vector<size_t> nodes;        // indices into Network::nodes, ascending
  Shape input_shape, output_shape;  // at batch 1; empty where an opaque node hides them
  int stage = 0;     // counts changes of the output's spatial size: 0 before the first reduction
  int64_t macs = 0;  // at batch 1
  bool trainable = true;  // false: holds an opaque node or an operation with no gradient
  // "residual": branches that end in an Add. "branched": branches that end in another merge.
  // "convolution": one convolution with what follows it. "head": a linear layer, or the last block
  // when it pools. "tail": what leads from the last cut point to several outputs. "pool". "other".
  std::string kind;
};

// Error (kModel): several inputs, or shapes that do not fit.
Expected<std::vector<Block>> FindBlocks(const Network& network);

// A run of blocks of one stage number, [first, last] inclusive.
struct Stage {
  int first = 0, last = 0;
  Shape shape;  // of the last block's output, at batch 1
  int64_t macs = 0;
};

// Partition the blocks; ordered by stage number.
std::vector<Stage> FindStages(const std::vector<Block>& blocks);

// The network between two cut points, as a network with input `input` and output `output` (names
// kept). Both values must be cut points in order (throws std::logic_error otherwise). Batch is
// dynamic. A Shape chain that starts outside is led from the fragment's own input.
Network Extract(const Network& network, const std::string& input, const std::string& output);

// The network from a cut point to all of its outputs.
Network ExtractTail(const Network& network, const std::string& input);

// `network` with everything between `input` and `output` replaced by `fragment` (one input, one
// output, which fit in shape; not checked here). All other values keep their names; the fragment's
// get a prefix where they clash with values that stay and are not equal initializers. A fragment
// without nodes becomes an Identity. Dead nodes go.
Network Splice(const Network& network, const std::string& input, const std::string& output,
               const Network& fragment);

}  // namespace nacre
