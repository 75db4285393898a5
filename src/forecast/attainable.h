// What a faster network can be trained to, whatever accuracy it has now: a prior for choosing what
// to train.
#pragma once

#include "forecast/priors.h"

namespace nacre {

// The accuracy in [0, 1] of a well-trained network `speedup` times as fast as an original of
// accuracy `original`. The capacity share is the share of the original's error that its size
// causes: that share grows with a power of the speedup, since error follows an inverse power of the
// size of networks; the rest is the data's (Rosenfeld et al., arXiv 1909.12673). An original with
// less error than priors::kLeastSizedError is taken to have that much to share. Speedups below 1
// count as 1.
double Attainable(double original, double speedup,
                  double capacity_share = priors::kTypicalCapacityShare);

// The speedup up to which `wanted` is attainable, at least 1; infinite where size costs nothing.
double FastestThatAttains(double wanted, double original, double capacity_share);

}  // namespace nacre
