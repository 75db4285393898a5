// The size of a picture, without decoding it. Private to data/. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/expected.h"
#include "data/placement.h"

namespace nacre::data_internal {

// Of a JPEG's or PNG's first bytes, as the file stores it: EXIF data do not turn it. Errors (kData)
// say the reason alone.
Expected<PictureSize> SizeOfPicture(std::string_view bytes);

// Reads the beginning of the file, or all of it where the size comes late.
Expected<PictureSize> SizeOfPictureFile(const std::string& path);

}  // namespace nacre::data_internal
