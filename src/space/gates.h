// Gates over channels (squeeze-and-excite, arXiv 1709.01507), and networks without them.
// Private to space/.
#pragma once

#include "graph/network.h"

namespace nacre::space_internal {

// Takes every gate out: x times what was computed from the pooled x becomes x. On CPUs a gate costs
// far more than its multiply-accumulates, as the network waits for it. False: there is none.
bool DropGates(Network& network);

}  // namespace nacre::space_internal
