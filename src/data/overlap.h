// Images that two sets have in common.
#pragma once

#include <cstdint>

#include "data/image_set.h"

namespace nacre {

// How many images of `set` have exactly the pixels of one of `other`, whatever their labels. Both
// have the same preprocessing; 0 where the sizes of their images differ. Thread-safe.
int64_t CountShared(const ImageSet& set, const ImageSet& other);

}  // namespace nacre
