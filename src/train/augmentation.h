// Augmentation: how the images of a set vary from one pass to the next.
#pragma once

#include <cstdint>

namespace nacre {

// Variant v of image i is a function of a seed, i and v alone, so that a teacher can be asked about
// it once and a student shown it later (train/teacher.h).
struct Augmentation {
  bool flip = true;  // Every other variant of an image is flipped left to right.
  // Variants 2 k and 2 k + 1 are exact mirror images of each other, and the teacher's answer to
  // both is the mean of its two answers (decision 23). This needs `flip`.
  bool mirrored = false;
  int64_t shift = 4;  // largest translation along each axis, in pixels; edges are reflected
  // Largest share of a side that is cut away before the rest is scaled up to the whole: windows of
  // sides from 1 - zoom to 1, of aspect ratios from 3:4 to 4:3, anywhere in the image (arXiv
  // 1409.4842, section 6). 0: whole images, which are shifted; with a zoom they are not.
  double zoom = 0;
  double color = 0;    // brightness and contrast vary by so much, in standard deviations
  int64_t cutout = 0;  // side in pixels of a square set to the mean (arXiv 1708.04552); 0: none
  // Share of the images that are blended with another one, which gets up to half of the weight
  // (mixup, arXiv 1710.09412). Used with a teacher only, which is asked about the blend itself
  // (arXiv 2106.05237); a label is of one image.
  double mix = 0;

  // Whether two variants of an image can differ.
  bool varies() const {
    return flip || shift > 0 || zoom > 0 || color > 0 || cutout > 0 || mix > 0;
  }
};

}  // namespace nacre
