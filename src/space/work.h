// How much a network asks of a machine, for want of a measurement.
// Private to space/.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "graph/network.h"

namespace nacre::space_internal {

// Multiply-accumulates of the convolutions at batch 1, as if each group read a multiple of
// `multiple` channels: fewer leave lanes of the machine empty, so that a depthwise convolution
// takes ten times as long as its multiply-accumulates say (docs/method.md). `shapes` are those of
// all values (InferShapes).
double WorkOf(const Network& network, const std::map<std::string, Value>& shapes, int64_t multiple);

}  // namespace nacre::space_internal
