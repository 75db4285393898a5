// Reading and shrinking the kernels of convolutions. Private to this folder.
#pragma once

#include "graph/network.h"

namespace nacre {

// One group, no dilation, square kernel of odd size with "same" padding, and a float weight that is
// a constant.
bool IsSimple(const Network& network, const Node& conv);
int64_t KernelSize(const Network& network, const Node& conv);
// Zeros where there is none.
Tensor BiasOf(const Network& network, const Node& conv);

// A square kernel larger than 3 keeps its centre 3x3, grouped or not; false when the node has none.
bool ShrinkKernel(Network& network, size_t node);
// The same for all of them; true when there was one.
bool ShrinkKernels(Network& network);

}  // namespace nacre
