// Square kernels of convolutions.
#pragma once

#include <cstdint>

#include "graph/network.h"

namespace nacre {

// Height of the kernel of a convolution, grouped or not, whose weight is a float constant with a
// square kernel of odd size, that has no dilation, and whose padding keeps the size at stride 1. 0
// for all other nodes.
int64_t SquareKernel(const Network& network, const Node& node);

// Reduces such a kernel to its centre of `size` x `size`, with the padding that belongs to it.
// False, and nothing happens, when the node has no such kernel or none that is larger. The weight
// that it had stays where others read it.
bool CropKernel(Network& network, size_t node, int64_t size);

}  // namespace nacre
