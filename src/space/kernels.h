// Convolution kernels: how to read and shrink them. Private to space/.
#pragma once

#include "graph/network.h"

namespace nacre::space_internal {

// Whether a convolution has one group, no dilation, a constant float weight, and a square kernel of
// odd size whose padding keeps the size at stride 1.
bool IsSimple(const Network& network, const Node& conv);
// Height of the kernel; the weight must be an initializer.
int64_t KernelSize(const Network& network, const Node& conv);
// [out channels]; zeros where the convolution has no bias.
Tensor BiasOf(const Network& network, const Node& conv);

// Reduces a square kernel larger than 3 to its centre 3x3, grouped or not. False when the node has
// no such kernel.
bool ShrinkKernel(Network& network, size_t node);
// The same for all convolutions; true when one of them had such a kernel.
bool ShrinkKernels(Network& network);

}  // namespace nacre::space_internal
