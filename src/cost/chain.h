// Networks one behind the other.
#pragma once

#include <vector>

#include "graph/network.h"

namespace nacre {

// The parts as one network: the output of each is the input of the next. At least one part; each
// has one input and one output, the last one any number of them. That their shapes fit is not
// checked.
Network Chain(const std::vector<Network>& parts);

}  // namespace nacre
