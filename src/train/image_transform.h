// ImageTransform: one drawn augmentation of one image. Knows no torch. Private to train/.
#pragma once

#include <cstdint>

#include "train/augmentation.h"

namespace nacre::train_internal {

struct ImageTransform {
  bool flip = false;
  int64_t dx = 0, dy = 0;  // the image moves right and down by so many pixels; edges are reflected
  // The window that is shown, as shares of the image; it is scaled up.
  double left = 0, top = 0, wide = 1, high = 1;
  float gain = 1, offset = 0;    // of normalised values
  int64_t cut_x = 0, cut_y = 0;  // upper left corner of the cut-out square, may lie outside
  float weight = 0;              // of the image that is blended in, in [0, 0.5]; 0: none
  uint64_t other = 0;            // which image that is, modulo the number of images
};

// The transform of variant `variant` of an image. It depends on the arguments only. Every other
// variant of an image is flipped, so that two passes in a row show both sides of it (alternating
// flip, arXiv 2404.00498, section 3.6).
ImageTransform DrawTransform(const Augmentation& augmentation, uint64_t seed, int64_t image,
                             int64_t variant, int64_t height, int64_t width);

}  // namespace nacre::train_internal
