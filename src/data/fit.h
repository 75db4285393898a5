// From a picture of any size to the bytes that an ImageSet stores.
// Private to data/. Thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "data/picture.h"
#include "data/preprocess.h"

namespace nacre::data_internal {

// Resized and in the network's channel order: [channels, height, width] as `preprocess` says.
// Scaling is bilinear with a support that grows when shrinking (antialiased), as in Pillow and
// torchvision.
std::vector<uint8_t> FitPicture(const Picture& picture, const Preprocess& preprocess);

}  // namespace nacre::data_internal
