// Convolutions factored into two. Private to space/.
#pragma once

#include <optional>

#include "graph/network.h"
#include "space/space.h"

namespace nacre::space_internal {

// The network (batch-norm folded) with every k x k convolution that is wide enough as one to half
// as many channels, then a 1x1: the best such pair in the Frobenius norm of the weights (Eckart and
// Young, 1936). Nothing when no convolution is wide enough.
std::optional<Network> FactorConvolutions(Network network, const SpaceOptions& options);

}  // namespace nacre::space_internal
