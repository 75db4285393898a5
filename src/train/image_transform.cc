#include "train/image_transform.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace nacre::train_internal {
namespace {

// Variants of one image are drawn from its own seed. The multipliers are odd and of high entropy
// (those of SplitMix64), so that neighbouring images and variants get unrelated seeds.
uint64_t SeedOf(uint64_t seed, int64_t image) {
  return seed * 0x9E3779B97F4A7C15ull + static_cast<uint64_t>(image) * 0xBF58476D1CE4E5B9ull;
}
uint64_t SeedOfVariant(uint64_t seed_of_image, int64_t variant) {
  return seed_of_image + static_cast<uint64_t>(variant + 1) * 0x94D049BB133111EBull;
}
uint64_t Mixed(uint64_t seed) { return seed ^ (seed >> 29); }

int64_t Below(Random& random, int64_t bound) {
  return static_cast<int64_t>(random.Below(static_cast<uint64_t>(bound)));
}

double Between(Random& random, double low, double high) {
  return low + (high - low) * random.Uniform();
}

void DrawWindow(Random& random, double zoom, ImageTransform& transform) {
  constexpr double kAspect = 4.0 / 3;
  const double side = Between(random, 1 - zoom, 1);
  const double aspect = std::exp(Between(random, -std::log(kAspect), std::log(kAspect)) / 2);
  transform.wide = std::min(1.0, side * aspect);
  transform.high = std::min(1.0, side / aspect);
  transform.left = random.Uniform() * (1 - transform.wide);
  transform.top = random.Uniform() * (1 - transform.high);
  transform.dx = transform.dy = 0;
}

}  // namespace

ImageTransform DrawTransform(const Augmentation& augmentation, uint64_t seed, int64_t image,
                             int64_t variant, int64_t height, int64_t width) {
  const bool odd = variant % 2 == 1;
  const bool flipped_first = Random(Mixed(SeedOf(seed, image))).Below(2) == 1;
  const bool paired = augmentation.flip && augmentation.mirrored;
  Random random(Mixed(SeedOfVariant(SeedOf(seed, image), paired ? variant / 2 : variant)));
  ImageTransform transform;
  transform.flip = augmentation.flip && flipped_first != odd;
  transform.dx = Below(random, 2 * augmentation.shift + 1) - augmentation.shift;
  transform.dy = Below(random, 2 * augmentation.shift + 1) - augmentation.shift;
  transform.cut_x = Below(random, width) - augmentation.cutout / 2;
  transform.cut_y = Below(random, height) - augmentation.cutout / 2;
  if (augmentation.zoom > 0) DrawWindow(random, augmentation.zoom, transform);
  if (augmentation.color > 0) {
    const auto color = static_cast<float>(augmentation.color);
    transform.gain = 1 + color * static_cast<float>(Between(random, -1, 1));
    transform.offset = color * static_cast<float>(Between(random, -1, 1));
  }
  if (paired && odd) {
    transform.dx = -transform.dx;
    transform.left = 1 - transform.left - transform.wide;
    transform.cut_x = width - augmentation.cutout - transform.cut_x;
  }
  if (augmentation.mix > 0) {
    const bool blended = random.Uniform() < augmentation.mix;
    const double weight = 0.5 * random.Uniform();
    transform.weight = blended ? static_cast<float>(weight) : 0;
    transform.other = random.Next();
  }
  return transform;
}

}  // namespace nacre::train_internal
