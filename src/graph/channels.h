// Coupled channels: which tensors must lose the same channels together (DepGraph, arXiv 2301.12900, section 3).
#pragma once

#include <string>
#include <vector>

#include "graph/network.h"

namespace nacre {

// One axis of one initializer, or of one activation, that shares the group's channel numbering.
// Channel c of the group is at index offset + c * stride ... offset + c * stride + stride - 1 of the axis.
struct ChannelSlice {
  std::string value;
  int axis = 0;
  int64_t offset = 0;
  int64_t repeat = 1;   // elements of the axis per channel (> 1 behind a Flatten of [C,H,W])
};

struct ChannelGroup {
  std::string name;                     // name of the first activation of the group
  int64_t width = 0;                    // channels
  std::vector<ChannelSlice> producers;  // output-channel axes of weights (Conv 0, Gemm), biases, batch-norm vectors
  std::vector<ChannelSlice> consumers;  // input-channel axes of weights
  std::vector<std::string> activations;
  bool prunable = true;                 // false: reaches the network's input or output, an opaque node, a Shape chain
  std::string why_not;
};

Expected<std::vector<ChannelGroup>> FindChannelGroups(const Network& network);

// L2 norm of the outgoing weights times that of the incoming, per channel (higher: more important), length `width`.
std::vector<double> ChannelImportance(const Network& network, const ChannelGroup& group);

// Keeps the named channels (ascending indices into the group), in every coupled tensor; shapes, Pad and Slice
// constants that depend on the width are rewritten. Error (kModel) when the group is not prunable.
Expected<Network> KeepChannels(const Network& network, const ChannelGroup& group, const std::vector<int64_t>& keep);

}  // namespace nacre
