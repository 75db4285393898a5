#include "data/image_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace nacre {
namespace {

class MemoryImages final : public ImageSource {
 public:
  MemoryImages(std::vector<uint8_t> pixels, int64_t image_bytes)
      : pixels_(std::move(pixels)), image_bytes_(std::max<int64_t>(1, image_bytes)) {
    if (static_cast<int64_t>(pixels_.size()) % image_bytes_ != 0)
      throw std::logic_error(fmt::format("InMemory: {} bytes are not whole images of {}",
                                         pixels_.size(), image_bytes_));
  }

  int64_t count() const override { return static_cast<int64_t>(pixels_.size()) / image_bytes_; }
  int64_t image_bytes() const override { return image_bytes_; }

 private:
  Expected<void> DoRead(int64_t image, std::span<uint8_t> out) const override {
    std::memcpy(out.data(), pixels_.data() + image * image_bytes_, out.size());
    return {};
  }

  const std::vector<uint8_t> pixels_;
  const int64_t image_bytes_;
};

class SelectedImages final : public ImageSource {
 public:
  SelectedImages(ImageSourcePtr from, std::vector<int64_t> images)
      : from_(std::move(from)), images_(std::move(images)) {
    for (const int64_t image : images_) {
      if (image < 0 || image >= from_->count())
        throw std::logic_error(fmt::format("Selected: image {} of {}", image, from_->count()));
    }
  }

  int64_t count() const override { return static_cast<int64_t>(images_.size()); }
  int64_t image_bytes() const override { return from_->image_bytes(); }
  std::string File(int64_t image) const override { return from_->File(At(image)); }

 private:
  int64_t At(int64_t image) const { return images_.at(static_cast<size_t>(image)); }
  Expected<void> DoRead(int64_t image, std::span<uint8_t> out) const override {
    return from_->Read(At(image), out);
  }

  const ImageSourcePtr from_;
  const std::vector<int64_t> images_;
};

class SwappedChannels final : public ImageSource {
 public:
  explicit SwappedChannels(ImageSourcePtr from) : from_(std::move(from)) {
    if (from_->image_bytes() % 3 != 0)
      throw std::logic_error("WithSwappedChannels: the images do not have three channels");
  }

  int64_t count() const override { return from_->count(); }
  int64_t image_bytes() const override { return from_->image_bytes(); }
  std::string File(int64_t image) const override { return from_->File(image); }

 private:
  Expected<void> DoRead(int64_t image, std::span<uint8_t> out) const override {
    NACRE_CHECK_OK(from_->Read(image, out));
    const auto plane = static_cast<std::ptrdiff_t>(out.size() / 3);
    std::swap_ranges(out.begin(), out.begin() + plane, out.begin() + 2 * plane);
    return {};
  }

  const ImageSourcePtr from_;
};

}  // namespace

Expected<void> ImageSource::Read(int64_t image, std::span<uint8_t> out) const {
  if (image < 0 || image >= count())
    throw std::logic_error(fmt::format("ImageSource: image {} of {}", image, count()));
  if (static_cast<int64_t>(out.size()) != image_bytes())
    throw std::logic_error(
        fmt::format("ImageSource: room of {} bytes for {}", out.size(), image_bytes()));
  return DoRead(image, out);
}

ImageSourcePtr InMemory(std::vector<uint8_t> pixels, int64_t image_bytes) {
  return std::make_shared<const MemoryImages>(std::move(pixels), image_bytes);
}

ImageSourcePtr Selected(ImageSourcePtr from, std::vector<int64_t> images) {
  return std::make_shared<const SelectedImages>(std::move(from), std::move(images));
}

ImageSourcePtr WithSwappedChannels(ImageSourcePtr from) {
  return std::make_shared<const SwappedChannels>(std::move(from));
}

}  // namespace nacre
