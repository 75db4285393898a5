// What a faster network can be trained to, whatever it stands at now: a prior for choosing what to train.
#pragma once

namespace nacre {

// Accuracy in [0, 1] of a well-trained network `speedup` times faster than an original of accuracy `original`. A part of the
// error follows an inverse power of the size of networks, the rest is the data's (Rosenfeld et al., arXiv 1909.12673). Part (0.02) and
// power (1) are a prior that the distilled ResNets of decision 14 do not contradict. Speedups below 1 count as 1.
double Attainable(double original, double speedup);

}  // namespace nacre
