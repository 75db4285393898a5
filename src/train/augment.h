// Augmentation on stored pixels, straight into a normalised batch. No torch.
#pragma once

#include <cstdint>
#include <vector>

#include "data/image_set.h"
#include "train/trainer.h"

namespace nacre {

// One drawn augmentation.
struct Placement {
  bool flip = false;
  int64_t dx = 0, dy = 0;  // the image moves right and down by so many pixels; edges are reflected
  int64_t cut_x = 0, cut_y = 0;  // upper left corner of the cut-out square, may lie outside
  float weight = 0;              // of the image blended in; 0: none
  uint64_t other = 0;            // which one, modulo the number of images
};

// Depends on the arguments only, so that variant v of image i is the same whenever it is asked for.
// Every other variant of an image is flipped: two passes in a row show both sides of it
// (alternating flip, arXiv 2404.00498, section 3.6).
Placement Place(const Augmentation& augmentation, uint64_t seed, int64_t image, int64_t variant,
                int64_t height, int64_t width);

// Turns images of a set into floats through one table a channel. Keeps a reference to the set.
// Thread-safe.
class Normalizer {
 public:
  explicit Normalizer(const ImageSet& images);

  // Writes height x width x channels floats, channel fastest.
  void Write(int64_t image, const Placement& placement, int64_t cutout, float* out) const;

  int64_t height() const { return height_; }
  int64_t width() const { return width_; }
  int64_t channels() const { return channels_; }
  int64_t count() const { return images_.count(); }

 private:
  const ImageSet& images_;
  int64_t channels_, height_, width_;
  std::vector<float> table_;  // [channels, 256]
};

}  // namespace nacre
