// The steps of FindCore (core.h), one file each.
// Private to graph/.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "graph/core.h"
#include "graph/flow.h"

namespace nacre::graph_internal {

// Where the core begins.
struct Beginning {
  InputForm input;
  std::set<size_t> nodes;      // of the prologue
  std::string value;           // the first float tensor of rank 4
  bool channels_last = false;  // of that tensor
};

// Fixes height and width in `network`, too, where `options` has them and the file leaves them open.
Expected<Beginning> FindBeginning(Network& network, const CoreOptions& options);

// Where the core ends.
struct Ending {
  std::set<size_t> nodes;            // data nodes of the core
  std::vector<std::string> outputs;  // values of the core that the rest reads; what classifies
                                     // comes first
  int64_t classes = 0;               // of the first output
  std::vector<std::string> notes;
};
Expected<Ending> FindEnding(const Network& network, const Beginning& beginning,
                            const CoreOptions& options);

// Types and shapes at batch 1, and nothing where they are not known.
std::map<std::string, Value> KnownShapes(const Network& network);

// The nodes, and those that make constants or shapes for them, in order; with all initializers.
std::vector<Node> WithConstants(const Network& network, const Flow& flow,
                                const std::set<size_t>& nodes);

// Float throughout: weights in half or double precision are converted, and a Cast stands behind
// each such input and before each such output. False when nothing was to be done.
bool ConvertToFloat(Network& network);

// QuantizeLinear and DequantizeLinear go: quantized weights become float, activations stay as they
// are, an integer input is scaled as its DequantizeLinear did. Those at the outputs stay. False
// when the network is not quantized.
bool Dequantize(Network& network);
// Only inputs of integers that DequantizeLinear reads become floats, by a Cast and arithmetic; says
// whether there was one.
bool FloatInputs(Network& network);

// Moves each Transpose towards the outputs until it meets its inverse, or something that reads the
// order of axes; the function stays. So networks that were written with channels last become ones
// with channels first.
void MoveTransposes(Network& network);

}  // namespace nacre::graph_internal
