// What a faster network can be trained to, whatever it stands at now: a prior for choosing what to
// train.
#pragma once

namespace nacre {

constexpr double kTypicalPart = 0.02;

// Accuracy in [0, 1] of a well-trained network `speedup` times faster than an original of accuracy
// `original`. A part of the error follows an inverse power of the size of networks, here 1.5
// (decision 24), the rest is the data's (Rosenfeld et al., arXiv 1909.12673). Speedups below 1
// count as 1.
double Attainable(double original, double speedup, double part = kTypicalPart);

// The speedup up to which `wanted` is attainable, at least 1; infinite where size costs nothing.
double FastestThatAttains(double wanted, double original, double part);

// That part, from the accuracy on images that the original was trained on and on unseen ones: what
// it could not even learn by heart it is too small for. A prior that fits the ResNets of decision
// 24; typical where the two accuracies do not differ.
double PartOfSize(double trained_on, double unseen);

}  // namespace nacre
