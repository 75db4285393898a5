#include "data/cached_images.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

namespace nacre {
namespace {

constexpr int32_t kNone = -1, kFilling = -2;

class CachedImages final : public ImageSource {
 public:
  CachedImages(ImageSourcePtr from, Bytes most)
      : from_(std::move(from)), places_(static_cast<size_t>(from_->count())) {
    const int64_t room = most.count / std::max<int64_t>(1, from_->image_bytes());
    room_ = static_cast<int32_t>(std::clamp<int64_t>(
        room, 0, std::min<int64_t>(from_->count(), std::numeric_limits<int32_t>::max())));
    // Not initialised: a page takes memory when an image is written to it.
    kept_.reset(new uint8_t[static_cast<size_t>(room_ * from_->image_bytes())]);
    for (auto& place : places_) place = kNone;
  }

  int64_t count() const override { return from_->count(); }
  int64_t image_bytes() const override { return from_->image_bytes(); }
  std::string File(int64_t image) const override { return from_->File(image); }

 private:
  uint8_t* Place(int32_t place) const { return kept_.get() + place * image_bytes(); }

  Expected<void> DoRead(int64_t image, std::span<uint8_t> out) const override {
    std::atomic<int32_t>& place = places_[static_cast<size_t>(image)];
    const int32_t kept = place.load(std::memory_order_acquire);
    if (kept >= 0) {
      std::memcpy(out.data(), Place(kept), out.size());
      return {};
    }
    NACRE_CHECK_OK(from_->Read(image, out));
    int32_t none = kNone;
    if (taken_.load() >= room_ || !place.compare_exchange_strong(none, kFilling)) return {};
    const int32_t taken = taken_.fetch_add(1);
    if (taken < room_) std::memcpy(Place(taken), out.data(), out.size());
    place.store(taken < room_ ? taken : kNone, std::memory_order_release);
    return {};
  }

  const ImageSourcePtr from_;
  int32_t room_ = 0;
  std::unique_ptr<uint8_t[]> kept_;                   // [room, image_bytes]
  mutable std::vector<std::atomic<int32_t>> places_;  // [count], in kept_; kNone, kFilling
  mutable std::atomic<int32_t> taken_ = 0;
};

}  // namespace

ImageSourcePtr Cached(ImageSourcePtr from, Bytes most) {
  return std::make_shared<const CachedImages>(std::move(from), most);
}

}  // namespace nacre
