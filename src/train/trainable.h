// A network as its training wants it, whatever an export has done to it.
#pragma once

#include "data/image_set.h"
#include "graph/network.h"

namespace nacre {

// The same function with a batch-norm behind every convolution, its statistics measured on
// `images`, and with convolutions' weights of the norm that learning rates are chosen for. Errors:
// the network cannot be run (kModel).
Expected<Network> MakeTrainable(const Network& network, const ImageSet& images);

}  // namespace nacre
