// Rewrites that keep the function: used after import, before training, and before export.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/network.h"

namespace nacre {

// Folds constant subgraphs (Shape/Gather/Concat chains over static dimensions included, batch left dynamic), removes
// Identity and Dropout, turns Constant nodes into initializers.
Expected<Network> FoldConstants(const Network& network);

// Merges BatchNormalization into the Conv or Gemm before it.
Network FoldBatchNorm(const Network& network);

struct ChannelStatistics {
  std::vector<float> mean, variance;  // per channel
};

// Adds a BatchNormalization behind every Conv that has none and whose output is in `statistics` (by value name), with
// running statistics as given and gain and shift that undo them, so that the function is unchanged.
Network InsertBatchNorm(const Network& network, const std::map<std::string, ChannelStatistics>& statistics);

// The same network with `values` as its outputs (for reading activations).
Network WithOutputs(const Network& network, const std::vector<std::string>& values);

}  // namespace nacre
