// Takes a region out of a network.
// Private to graph/.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/flow.h"
#include "graph/network.h"

namespace nacre::graph_internal {

using ValueMap = std::map<std::string, Value>;  // as InferShapes returns it

// `data_nodes` (ascending) with the initializers and constant or Shape nodes that they need, as a
// network from `input` to `output` with a dynamic batch. `shapes` at batch 1. Error (kModel): a
// Shape chain from outside cannot be led anew.
Expected<Network> MakeFragment(const Network& network, const Flow& flow,
                               const std::vector<size_t>& data_nodes, const std::string& input,
                               const std::string& output, const ValueMap& shapes);

// The live data nodes behind `input`, a cut point.
std::vector<size_t> TailNodes(const Network& network, const Flow& flow, const std::string& input);
// Them as a network from `input` to all outputs. Error (kModel): as MakeFragment.
Expected<Network> MakeTailFragment(const Network& network, const Flow& flow,
                                   const std::string& input, const ValueMap& shapes);

// Nodes that stand in for `shape_node` (op Shape) where the value it reads is not there: the batch
// is that of `batch_source`, the other dimensions are the known ones of `shapes`. Constants go to
// `network`.
Expected<std::vector<Node>> ReplaceShape(Network& network, const Node& shape_node,
                                         const std::string& batch_source, const ValueMap& shapes);

}  // namespace nacre::graph_internal
