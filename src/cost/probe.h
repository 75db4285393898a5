// The small networks that the latency table is measured with. Private to cost/.
#pragma once

#include <string>

#include "base/expected.h"
#include "graph/network.h"

namespace nacre::cost_internal {

// The feature maps that a part reads and gives, [1, C, H, W]; empty where the part is an end of the
// network.
struct Border {
  Shape in, out;
};
// Error (kModel): not one input, no output, or shapes that cannot be inferred.
Expected<Border> BorderOf(const Network& fragment);

// "16x32x32"; "" for an end.
std::string BaseKey(const Shape& border);

// Whether the network has no operation, or only such that do nothing.
bool IsIdentity(const Network& fragment);

// The front and the tail of a border: a 1x1 convolution with ReLU from an image, and one to 16
// channels with global pooling. For an end: next to nothing, which costs what any inference costs.
Network BaseProbe(const Shape& border);
// The front, `repeats` times the fragment, and the tail.
Network FragmentProbe(const Network& fragment, const Border& border, int repeats);
// A plain network of several convolutions, large enough for its latency to be stable.
Network ReferenceProbe();

}  // namespace nacre::cost_internal
