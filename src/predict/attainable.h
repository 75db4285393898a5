// What a faster network can be trained to, whatever it stands at now: a prior for choosing what to train.
#pragma once

namespace nacre {

// Accuracy in [0, 1] of a well-trained network `speedup` times faster than an original of accuracy `original`. Error follows
// a power of the size of networks (Rosenfeld et al., arXiv 1909.12673); the exponent is that of distilled ResNet-20s
// (decision 7). Speedups below 1 count as 1.
double Attainable(double original, double speedup);

}  // namespace nacre
