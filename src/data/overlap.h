// Images that two sets have in common.
#pragma once

#include <cstdint>

#include "base/expected.h"
#include "data/image_set.h"

namespace nacre {

// How many images of `set` are images of `other` too, whatever their labels: the same file, byte by
// byte, where both sets come from files, else the same pixels. Files that cannot be read are not
// counted. 0 where the sizes of the images differ. Errors: those of ImageSource::Read. Thread-safe.
Expected<int64_t> CountShared(const ImageSet& set, const ImageSet& other);

}  // namespace nacre
