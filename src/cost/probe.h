// The small networks that the latency table is measured with. Internal to predict/.
#pragma once

#include <string>
#include <vector>

#include "graph/network.h"

namespace nacre {

// What a part is fed and gives: feature-map shape [1, C, H, W], or empty where the part is an end
// of the network.
struct Border {
  Shape in, out;
};
// Error (kModel): not one input and one output, or shapes that cannot be inferred.
Expected<Border> BorderOf(const Network& fragment);

// "16x32x32"; "" for an end.
std::string BaseKey(const Shape& border);

// No operation, or such that do nothing.
bool IsIdentity(const Network& fragment);

// The parts one behind the other as one network; shapes are not checked.
Network Chain(const std::vector<Network>& parts);

// front(s) tail(s): a 1x1 convolution with ReLU from an image, and one to 16 channels with global
// pooling.
Network BaseProbe(const Shape& border);
// front, `repeats` times the fragment, tail.
Network FragmentProbe(const Network& fragment, const Border& border, int repeats);
// Next to nothing: what any inference costs.
Network OverheadProbe();
// A plain network of several convolutions, big enough that its latency is stable.
Network ReferenceProbe();

}  // namespace nacre
