// How much memory a network takes while it runs, by its graph alone.
#pragma once

#include "graph/network.h"

namespace nacre {

struct Footprint {
  int64_t weights = 0;  // elements of float initializers
  int64_t activations =
      0;  // elements, the most that are alive at once, inputs and outputs included
};

// Nodes run in their order; a value lives from its producer to its last reader, and an elementwise
// operation writes over an input that dies with it. So count the tools of small devices (Lin et
// al., MCUNet, arXiv 2007.10319, section 2), without what a compiler adds: weights in its own
// layout, scratch memory. Batch-norm should be folded. Error (kModel): shapes cannot be inferred.
Expected<Footprint> FootprintOf(const Network& network, int64_t batch = 1);

}  // namespace nacre
