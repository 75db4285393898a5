// From the bytes of an image file to pixels. The content decides what the file is, not its name.
// Private to data/. Thread-safe.
#pragma once

#include <string_view>

#include "base/expected.h"
#include "data/picture.h"

namespace nacre::data_internal {

// Reads JPEG (gray, YCbCr, CMYK) and PNG (data/decode_png.h), with the values that Pillow gives.
// Truncated data are an error, and so is a picture of more than 100 megapixels. The message (kData)
// is the reason alone, without the file's name.
Expected<Picture> DecodePicture(std::string_view bytes);

}  // namespace nacre::data_internal
