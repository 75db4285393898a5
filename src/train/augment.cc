#include "train/augment.h"

#include <algorithm>
#include <stdexcept>

#include "base/random.h"

namespace nacre {
namespace {

// Index of the pixel that a reflection at the edges (edge pixel not repeated) puts at `i`.
int64_t Reflect(int64_t i, int64_t size) {
  if (size == 1) return 0;
  const int64_t period = 2 * (size - 1);
  i = ((i % period) + period) % period;
  return i < size ? i : period - i;
}

// Of one image; variants are drawn from it.
uint64_t SeedOf(uint64_t seed, int64_t image) {
  return seed * 0x9E3779B97F4A7C15ull + static_cast<uint64_t>(image) * 0xBF58476D1CE4E5B9ull;
}
uint64_t Mixed(uint64_t seed) { return seed ^ (seed >> 29); }

}  // namespace

Placement Place(const Augmentation& augmentation, uint64_t seed, int64_t image, int64_t variant,
                int64_t height, int64_t width) {
  const bool first = Random(Mixed(SeedOf(seed, image))).Below(2) == 1,
             paired = augmentation.flip && augmentation.mirrored;
  const int64_t drawn = paired ? variant / 2 : variant;
  Random random(
      Mixed(SeedOf(seed, image) + static_cast<uint64_t>(drawn + 1) * 0x94D049BB133111EBull));
  Placement placement;
  const uint64_t range = static_cast<uint64_t>(2 * augmentation.shift + 1);
  placement.flip = augmentation.flip && first == (variant % 2 == 0);
  placement.dx = static_cast<int64_t>(random.Below(range)) - augmentation.shift;
  placement.dy = static_cast<int64_t>(random.Below(range)) - augmentation.shift;
  placement.cut_x =
      static_cast<int64_t>(random.Below(static_cast<uint64_t>(width))) - augmentation.cutout / 2;
  placement.cut_y =
      static_cast<int64_t>(random.Below(static_cast<uint64_t>(height))) - augmentation.cutout / 2;
  if (paired && variant % 2 == 1) {
    placement.dx = -placement.dx;
    placement.cut_x = width - augmentation.cutout - placement.cut_x;
  }
  if (augmentation.mix > 0) {
    const bool mixed_in = random.Uniform() < augmentation.mix;
    const double weight = 0.5 * random.Uniform();
    placement.weight = mixed_in ? static_cast<float>(weight) : 0;
    placement.other = random.Next();
  }
  return placement;
}

Normalizer::Normalizer(const ImageSet& images)
    : images_(images),
      channels_(images.channels),
      height_(images.preprocess.height),
      width_(images.preprocess.width),
      table_(static_cast<size_t>(images.channels) * 256) {
  if (static_cast<int64_t>(images.pixels.size()) != images.count() * images.image_bytes()) {
    throw std::logic_error("image set: pixels do not fit count, channels, height and width");
  }
  const Preprocess& p = images.preprocess;
  for (int64_t c = 0; c < channels_; ++c) {
    const double mean = p.mean.empty() ? 0 : p.mean.at(c), std = p.std.empty() ? 1 : p.std.at(c);
    for (int v = 0; v < 256; ++v)
      table_[c * 256 + v] = static_cast<float>((v / p.scale - mean) / std);
  }
}

void Normalizer::Write(int64_t image, const Placement& placement, int64_t cutout,
                       float* out) const {
  const uint8_t* pixels = images_.pixels.data() + image * images_.image_bytes();
  thread_local std::vector<int64_t> columns;
  columns.resize(width_);
  for (int64_t x = 0; x < width_; ++x) {
    const int64_t source = Reflect(x - placement.dx, width_);
    columns[x] = placement.flip ? width_ - 1 - source : source;
  }
  for (int64_t y = 0; y < height_; ++y) {
    float* row = out + y * width_ * channels_;
    for (int64_t c = 0; c < channels_; ++c) {
      const uint8_t* from = pixels + (c * height_ + Reflect(y - placement.dy, height_)) * width_;
      const float* table = table_.data() + c * 256;
      for (int64_t x = 0; x < width_; ++x) row[x * channels_ + c] = table[from[columns[x]]];
    }
    if (cutout > 0 && y >= placement.cut_y && y < placement.cut_y + cutout) {
      const int64_t begin = std::max<int64_t>(0, placement.cut_x);
      const int64_t end = std::min(width_, placement.cut_x + cutout);
      if (begin < end) std::fill(row + begin * channels_, row + end * channels_, 0.0f);
    }
  }
}

}  // namespace nacre
