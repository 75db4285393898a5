// Coupled channels: which tensors must lose the same channels together (DepGraph, arXiv 2301.12900,
// section 3).
//
// The identity of each channel is followed through the network as runs of numbers, not channel by
// channel, so partial couplings come out exactly: Concat, Slice, Split, Pad of channels (channel c
// of the narrow side is channel c + pad of the wide side), depthwise convolution, Flatten. A group
// numbers the channels of the widest value it couples; a narrower value holds a run of them.
#pragma once

#include <string>
#include <vector>

#include "graph/network.h"

namespace nacre {

// One axis of one initializer, or of one activation, that shares the group's channel numbering: the
// channels [first, first + count) of the group. Channel c is at indices offset + (c - first) *
// repeat ... + repeat - 1 of the axis.
struct ChannelSlice {
  std::string value;
  int axis = 0;
  int64_t offset = 0;
  int64_t repeat = 1;  // elements of the axis per channel (> 1 behind a Flatten of [C,H,W])
  int64_t first = 0;
  int64_t count = 0;
  int64_t parts = 1;  // > 1: input axis of a grouped Conv of so many groups; it holds count / parts
                      // channels, those of part i for the i-th run of output channels
  // The node that reads (for an activation: that makes) the value, and as which input (-1 for an
  // activation). One initializer may have several readers: KeepChannels then copies it.
  size_t node = 0;
  int input = 0;
};

// A number in a constant (element `element` of input `input` of `node`, or with input -1 its
// attribute `group`) whose magnitude counts the channels [first, first + count), `repeat` elements
// each: Pad, Slice, Split and Reshape constants.
struct ChannelCount {
  size_t node = 0;
  int input = 0;
  int64_t element = 0;
  int64_t first = 0, count = 0, repeat = 1;
};

// As many channels must be kept of each of the `parts` equal runs of [first, first + count):
// grouped convolutions.
struct EqualParts {
  int64_t first = 0, count = 0, parts = 1;
};

// Belongs to the very network it was found in: find the groups again after each KeepChannels.
struct ChannelGroup {
  std::string name;   // name of the first activation of the group; unique
  int64_t width = 0;  // channels
  // Output-channel axes of weights (Conv 0, Gemm), biases, batch-norm vectors.
  std::vector<ChannelSlice> producers;
  std::vector<ChannelSlice> consumers;   // input-channel axes of weights
  std::vector<std::string> activations;  // in topological order
  std::vector<ChannelSlice> runs;  // which channels each activation holds, and where on axis 1
  std::vector<ChannelCount> counts;
  std::vector<EqualParts> equal_parts;
  bool prunable =
      true;  // false: reaches the network's input or output, an opaque node, a Shape chain
  std::string why_not;
};

// All groups, prunable or not, ordered by first activation. Wants constants folded (simplify.h): a
// Pad or Reshape whose constant is still computed makes its group not prunable.
Expected<std::vector<ChannelGroup>> FindChannelGroups(const Network& network);

// L2 norm of the outgoing weights times that of the incoming, per channel (higher: more important),
// length `width`. A batch-norm right behind a weight is counted into it. Uncoupled to a scale:
// compare within a group only.
std::vector<double> ChannelImportance(const Network& network, const ChannelGroup& group);

// The `width` channels of highest importance, ascending, as many of each part where a grouped
// convolution wants that. An infinite importance keeps a channel for certain. Error (kModel): no
// such choice. Ties keep the earlier channel.
Expected<std::vector<int64_t>> SelectChannels(const ChannelGroup& group,
                                              const std::vector<double>& importance, int64_t width);

// Keeps the named channels (ascending indices into the group), in every coupled tensor; shapes, Pad
// and Slice constants that depend on the width are rewritten. Exact where the removed channels'
// outgoing weights are zero. Error (kModel) when the group is not prunable or a tensor would be
// left without channels; throws std::logic_error when `keep` is no ascending list of channels.
Expected<Network> KeepChannels(const Network& network, const ChannelGroup& group,
                               const std::vector<int64_t>& keep);

// Several groups of one network at once: faster, and the groups need not be found again in between.
struct ChannelChoice {
  ChannelGroup group;
  std::vector<int64_t> keep;
};
Expected<Network> KeepChannels(const Network& network, const std::vector<ChannelChoice>& choices);

}  // namespace nacre
