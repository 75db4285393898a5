// Elasticity: what a trained network can lose and still be a network: channels of coupled groups,
// residual blocks, and the rims of kernels. A super-network is the network itself with this; its
// sub-networks share its weights (BootstrapNAS, arXiv 2112.10878, section 3; Once-for-All, arXiv
// 1908.09791).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "graph/blocks.h"
#include "graph/channels.h"
#include "graph/network.h"

namespace nacre {

// One choice. A gene is an index into `values`; 0 is the original.
struct ElasticDimension {
  enum class Kind { kWidth, kDepth, kKernel };
  Kind kind = Kind::kWidth;
  std::string name;  // of the group's first activation, of the block's or the convolution's output
  // Falling: channels; for a block 1 (there) and 0 (left out); height of the square kernel.
  std::vector<int64_t> values;
};
// "width", "depth", "kernel".
std::string Name(ElasticDimension::Kind kind);

// Belongs to the very network it was found in.
struct Elasticity {
  std::vector<ElasticDimension> dimensions;
  // For each width, in their order: its group and how important the group's channels are.
  std::vector<ChannelGroup> groups;
  std::vector<std::vector<double>> importance;
  std::vector<Block> blocks;  // for each depth, in their order

  // Logarithm to base 10 of the number of sub-networks.
  double LogSize() const;
  // Genes of the smallest one.
  std::vector<int> Smallest() const;
};

struct ElasticOptions {
  int64_t multiple = 8;    // that widths below the original's are multiples of
  double least = 1.0 / 3;  // of the original's width, about
  int widths = 5;          // of a group at most, the original's included
  int64_t kernel = 3;      // that larger kernels shrink to, in steps of 2
};

// Widths of all groups that can be narrowed, residual blocks whose input and output have one shape,
// and kernels that can be cropped. Wants batch-norm in place where the network is to be trained.
// Errors: those of FindBlocks and FindChannelGroups.
Expected<Elasticity> FindElasticity(const Network& network, const ElasticOptions& options = {});

// The sub-network with these genes: of each group the most important channels, without the blocks
// that are left out, and with the centres of kernels. With all genes 0 it is the network itself.
// Error (kModel): no such sub-network. Throws std::logic_error when the genes do not fit.
Expected<Network> ExtractSubnet(const Network& network, const Elasticity& elasticity,
                                const std::vector<int>& genes);

// Numbers of all elements of the float initializers of a network, one after the other by name;
// those apart that are settings of an operation, as the bounds of a Clip.
struct WeightNumbers {
  std::map<std::string, int64_t> first;  // number of the first element of each initializer
  int64_t total = 0;
};
WeightNumbers NumberWeights(const Network& network);

// For each float initializer of the sub-network the numbers, in the network's, of the elements that
// it is made of, in its own order: how weights get there and gradients back. Errors and exceptions:
// those of ExtractSubnet.
Expected<std::map<std::string, std::vector<int64_t>>> SharedElements(const Network& network,
                                                                     const Elasticity& elasticity,
                                                                     const std::vector<int>& genes);

}  // namespace nacre
