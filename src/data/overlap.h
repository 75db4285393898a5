// Images that two sets have in common.
#pragma once

#include <cstdint>
#include <vector>

#include "base/expected.h"
#include "data/image_set.h"

namespace nacre {

// The images of `set` that are images of `other` too, whatever their labels: the same file, byte by
// byte, where both sets come from files, else the same pixels. Files that cannot be read do not
// count. None where the sizes of the images differ. Errors: those of ImageSource::Read. Both are
// thread-safe.
Expected<std::vector<int64_t>> SharedImages(const ImageSet& set, const ImageSet& other);

// How many those are.
Expected<int64_t> CountShared(const ImageSet& set, const ImageSet& other);

}  // namespace nacre
