// Bottlenecks: blocks whose spatial convolution works on channels of their own.
// Private to space/.
#pragma once

#include <cstdint>

#include "graph/network.h"

namespace nacre::space_internal {

// Channels of the last convolution larger than 1x1 that stands between two pointwise ones (arXiv
// 1512.03385, section 4.1), grouped (arXiv 1611.05431) or not, with batch-norm, activation and gate
// between them. 0: there is none, or it is depthwise, as in inverted residuals.
int64_t InnerWidth(const Network& network);

}  // namespace nacre::space_internal
