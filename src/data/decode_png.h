// PNG files to pixels, with the values that Pillow's convert("RGB") gives.
// Private to data/. Thread-safe.
#pragma once

#include <string_view>

#include "base/expected.h"
#include "data/picture.h"

namespace nacre::data_internal {

// Any depth and colour type. Of 16 bits the upper 8 count; gamma and colour profiles are passed
// over, transparency is dropped, grey is repeated. Grey of 16 bits is cut off at 255, as Pillow
// does it: nearly all of such a picture is white (Picture::clipped says so). Errors: see
// DecodePicture.
Expected<Picture> DecodePng(std::string_view bytes);

}  // namespace nacre::data_internal
