// ImageSource: where the pixels of a set of images lie: in memory, in files (data/image_files.h),
// in another source. A new kind of images is a file that makes one of these. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"

namespace nacre {

class ImageSource {
 public:
  virtual ~ImageSource() = default;

  virtual int64_t count() const = 0;
  virtual int64_t image_bytes() const = 0;  // of each

  // Writes one image, before normalisation: [channels, height, width], resized and in the network's
  // channel order. Errors (kData) name the file and the remedy: it vanished, changed, or cannot be
  // decoded. Throws std::logic_error when there is no such image or `out` has another size.
  Expected<void> Read(int64_t image, std::span<uint8_t> out) const;

  // The file that the image was decoded from; empty when there is none.
  virtual std::string File(int64_t /*image*/) const { return {}; }

 private:
  virtual Expected<void> DoRead(int64_t image, std::span<uint8_t> out) const = 0;
};

using ImageSourcePtr = std::shared_ptr<const ImageSource>;

// Images of `image_bytes` bytes each, one after the other. Throws std::logic_error when the pixels
// are not whole images.
ImageSourcePtr InMemory(std::vector<uint8_t> pixels, int64_t image_bytes);

// The images with these numbers, in this order, read through: nothing is copied. Throws
// std::logic_error when a number is outside [0, count).
ImageSourcePtr Selected(ImageSourcePtr from, std::vector<int64_t> images);

// The first and the third of three channels change places.
ImageSourcePtr WithSwappedChannels(ImageSourcePtr from);

}  // namespace nacre
