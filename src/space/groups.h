// Grouped convolutions: how they lose groups, and how groups become one.
// Private to space/.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/expected.h"
#include "graph/network.h"

namespace nacre::space_internal {

// A convolution of several groups of several channels each; depthwise ones are not among them.
struct GroupedConvolution {
  size_t node = 0;  // index into Network::nodes
  int64_t groups = 1;
  int64_t inputs = 0;   // channels of a group that go in
  int64_t outputs = 0;  // channels of a group that come out
};

// Those of the network, in its order.
std::vector<GroupedConvolution> FindGrouped(const Network& network);

// The one of a network that has one; nothing where it has none or several.
std::optional<GroupedConvolution> OneGrouped(const Network& network);

// The network with the most important `keep` groups of the convolution, and without the channels
// before and behind the others. Weights are gathered when they are read. Error (kModel): channels
// on one of its sides do not fall into its groups, or are coupled to what must stay. Throws
// std::logic_error when there are not so many groups.
Expected<Network> KeepGroups(const Network& network, const GroupedConvolution& conv, int64_t keep);

// The same function with `groups` groups, which must divide those of the convolution: weights
// between channels of different groups are 0. They are written when they are read. Throws
// std::logic_error when it does not divide.
Network JoinGroups(Network network, const GroupedConvolution& conv, int64_t groups);

}  // namespace nacre::space_internal
