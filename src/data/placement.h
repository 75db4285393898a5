// Where a picture lies in the network's input once it is resized, so that boxes can follow it there
// and back. Thread-safe.
#pragma once

#include <cstdint>

#include "data/box.h"
#include "data/preprocess.h"

namespace nacre {

struct PictureSize {
  int64_t width = 0, height = 0;  // pixels
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

struct Placement {
  PictureSize source;
  PictureSize scaled;         // of the whole picture
  int64_t left = 0, top = 0;  // of the input within the scaled picture, pixels

  // A box in pixels of the source, in pixels of the input. May reach out of the input, where the
  // picture is cropped.
  Box ToInput(const Box& box) const;
  Box ToSource(const Box& box) const;  // the inverse
};

// `preprocess` has height and width set; no side of the source is 0 (std::logic_error otherwise).
Placement PlaceInInput(PictureSize source, const Preprocess& preprocess);

}  // namespace nacre
