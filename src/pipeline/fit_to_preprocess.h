// Whether a network can be fed with images as the preprocessing makes them.
#pragma once

#include <cstdint>

#include "base/expected.h"
#include "data/image_set.h"
#include "graph/network.h"

namespace nacre {

// The network takes one image [N, C, H, W] of the size that the preprocessing makes (filled in from
// the network where it is 0). Returns the number of classes. Errors name what does not fit.
Expected<int64_t> FitToPreprocess(const Network& network, Preprocess& preprocess);

}  // namespace nacre
