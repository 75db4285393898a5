// Parts of a channel group that can lose channels by themselves. Private to space/.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/blocks.h"
#include "graph/channels.h"
#include "graph/network.h"

namespace nacre::space_internal {

// Value -> where its channels are, for the names of moves: "stage1" for a block's output, "b3" for
// a value inside a block.
using Places = std::map<std::string, std::string>;
Places PlacesOfValues(const Network& network, const std::vector<Block>& blocks);

// Channels of a group that the same activations hold.
struct Subgroup {
  std::vector<int64_t> channels;  // ascending indices into the group
  std::string place;  // of the narrowest activation that holds them, a stage where there is one
  int64_t width = 0;  // of that activation
};

// The subgroups that activations with a place hold, ordered by channel. Shortcuts that pad channels
// couple a narrow stage to the middle of the next one: a subgroup is what a stage has for itself,
// so that it can get narrower without the others. Without such shortcuts the group is one subgroup.
std::vector<Subgroup> FindSubgroups(const ChannelGroup& group, const Places& places);

}  // namespace nacre::space_internal
