// How EXIF (JEITA CP-3451, tag 0x0112) says that a photograph is to be turned.
// Private to data/. Thread-safe.
#pragma once

#include <string_view>

#include "data/picture.h"

namespace nacre::data_internal {

// 1 to 8, as EXIF numbers them; 1, upright, where the bytes say nothing or are not a JPEG's.
int ExifOrientation(std::string_view bytes);

// The picture upright.
Picture Upright(Picture picture, int orientation);

}  // namespace nacre::data_internal
