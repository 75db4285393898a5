// From the bytes of an image file to pixels. What the file is, its content says, not its name.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "data/image_set.h"

namespace nacre {

// Interleaved 8-bit RGB, [height, width, 3].
struct Picture {
  int64_t height = 0, width = 0;
  std::vector<uint8_t> pixels;
};

// JPEG (grey, YCbCr, CMYK) and PNG (any depth; transparency is dropped, grey is repeated).
// Truncated data are an error, and so is a picture of more than 100 megapixels. The message (kData)
// is the reason alone, without the file's name.
Expected<Picture> DecodePicture(std::string_view bytes);

// Resized and in the network's channel order: [channels, height, width] as `preprocess` says.
// Scaling is bilinear with a support that grows when shrinking (antialiased), as Pillow and
// torchvision do it.
std::vector<uint8_t> FitPicture(const Picture& picture, const Preprocess& preprocess);

}  // namespace nacre
