// Whether a network can be trained, and the form in which it trains well, whatever an export has
// done to it.
#pragma once

#include "base/expected.h"
#include "data/image_set.h"
#include "graph/network.h"

namespace nacre {

// Nothing when every operation can be trained and a batch of any size goes through; else Error
// (kModel) names the first node that cannot be, and why. Networks have one input and at least one
// output.
Expected<void> CheckTrainable(const Network& network);

// The same function with a batch-norm behind every convolution, its statistics measured on
// `images`, and with the weights of convolutions at the norm that learning rates are chosen for.
// Errors: kModel when the network cannot be run.
Expected<Network> MakeTrainable(const Network& network, const ImageSet& images);

}  // namespace nacre
