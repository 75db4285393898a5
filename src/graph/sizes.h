// What a network may ask of a machine: a file of a few hundred bytes can ask for terabytes.
#pragma once

#include "graph/network.h"

namespace nacre {

// Whether the network's values have sizes that a compiler can be given, at batch 1 and with every
// dimension that is not known taken for 1. Compilers compute what depends on no input when they
// compile, and hold it, so that these values have a bound together. Values behind an opaque node
// are not looked at. Error (kModel) names the node or input and the bound.
Expected<void> CheckSizes(const Network& network);

}  // namespace nacre
