// Normalizer: stored pixels to floats that a network reads. Knows no torch. Private to train/.
#pragma once

#include <cstdint>
#include <vector>

#include "data/image_set.h"
#include "train/image_transform.h"

namespace nacre::train_internal {

// Scale, mean and deviation of the set's preprocessing go through one table per channel, in the
// same pass as the transform. Keeps a reference to the set. Thread-safe.
class Normalizer {
 public:
  // Throws std::logic_error when the set's pixels do not fit its description.
  explicit Normalizer(const ImageSet& images);

  // Writes height x width x channels floats, channel fastest. `cutout` is the side of the square at
  // the transform's corner that is set to 0, the normalised mean. Blending is left to the caller.
  // Throws Failure (train/guarded.h) when the image cannot be read.
  void Write(int64_t image, const ImageTransform& transform, int64_t cutout, float* out) const;

  int64_t height() const { return height_; }
  int64_t width() const { return width_; }
  int64_t channels() const { return channels_; }
  int64_t count() const { return images_.count(); }

 private:
  // The image as it is, shifted and flipped.
  void WriteWhole(const uint8_t* pixels, const ImageTransform& transform, float* out) const;
  // The transform's window, scaled up bilinearly.
  void WriteWindow(const uint8_t* pixels, const ImageTransform& transform, float* out) const;
  // The stored row `y`; columns[x] is the stored column that column x of the result shows.
  void WriteRow(const uint8_t* pixels, int64_t y, const std::vector<int64_t>& columns,
                float* row) const;
  // Sets columns [begin, begin + side) of a row to 0, as far as they lie inside.
  void CutRow(int64_t begin, int64_t side, float* row) const;

  const ImageSet& images_;
  int64_t channels_, height_, width_;
  std::vector<float> table_;  // [channels, 256]
};

}  // namespace nacre::train_internal
