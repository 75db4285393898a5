// Rewrites that keep the function: used after import, before training, and before export.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/network.h"

namespace nacre {

// Folds constant subgraphs (Shape/Gather/Concat chains over static dimensions included, batch left
// dynamic), removes Identity, Dropout and casts to the same type, turns Constant nodes into
// initializers. Max and Min with numbers become Clip. Reshape gets a constant target that leaves
// the batch open ([0, ...], or Flatten), also where the batch is fixed, so that the network can run
// at other batch sizes; Resize gets scales for sizes, Split gets sizes. Quantised weights stay
// quantised. Names of the network's inputs and outputs stay. Error (kModel) when the network is
// broken or a node does not fit its inputs.
Expected<Network> FoldConstants(const Network& network);

// Merges BatchNormalization into the Conv or Gemm before it, where nothing else reads that one's
// output; the merged node produces the batch-norm's output value.
Network FoldBatchNorm(const Network& network);

struct ChannelStatistics {
  std::vector<float> mean, variance;  // per channel
};

// Adds a BatchNormalization behind every Conv that has none and whose output is in `statistics` (by
// value name), with running statistics as given and gain and shift that undo them, so that the
// function is unchanged. The value keeps its name behind the batch-norm. Throws std::logic_error
// when statistics do not fit the channels.
Network InsertBatchNorm(const Network& network,
                        const std::map<std::string, ChannelStatistics>& statistics);

// The same network with `values` as its outputs (for reading activations). Throws std::logic_error
// for unknown names.
Network WithOutputs(const Network& network, const std::vector<std::string>& values);

}  // namespace nacre
