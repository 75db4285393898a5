#include "data/overlap.h"

#include <string_view>
#include <unordered_set>

namespace nacre {
namespace {

std::string_view PixelsOf(const ImageSet& set, int64_t image) {
  const auto size = static_cast<size_t>(set.image_bytes());
  const auto* pixels = reinterpret_cast<const char*>(set.pixels.data());
  return {pixels + static_cast<size_t>(image) * size, size};
}

}  // namespace

int64_t CountShared(const ImageSet& set, const ImageSet& other) {
  if (set.image_bytes() != other.image_bytes()) return 0;
  std::unordered_set<std::string_view> known;
  for (int64_t i = 0; i < other.count(); ++i) known.insert(PixelsOf(other, i));
  int64_t shared = 0;
  for (int64_t i = 0; i < set.count(); ++i) shared += known.count(PixelsOf(set, i)) > 0;
  return shared;
}

}  // namespace nacre
