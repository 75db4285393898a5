// Residual blocks without their shortcut. Private to space/.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "graph/network.h"
#include "graph/tensor.h"
#include "space/span.h"

namespace nacre::space_internal {

// The convolutions of a block relu(x + second(relu(first(x)))).
struct ResidualParts {
  Tensor first, first_bias;    // [mid, width, kernel, kernel], [mid]
  Tensor second, second_bias;  // [width, mid, kernel, kernel], [width]
};

// The parts of a network (batch-norm folded) that is such a block: nothing when it is another, or
// when a convolution has groups, a stride, or a kernel other than the other one's.
std::optional<ResidualParts> MatchResidual(const Network& network);

// The block of the span as two plain convolutions with the most important `count` inner channels.
// The first convolution also passes x through, which a ReLU leaves as it is where x is not
// negative; the second adds it. Exact when all inner channels are kept (after RepVGG, arXiv
// 2101.03697, section 3.3).
Network WithoutShortcut(const Span& span, const ResidualParts& parts, int64_t count);

}  // namespace nacre::space_internal
