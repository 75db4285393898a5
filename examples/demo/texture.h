// Two-coloured random surfaces: plain, gradient, stripes, checker or cloud (value noise of two
// octaves).
#pragma once

#include <array>
#include <vector>

#include "base/random.h"
#include "examples/demo/shapes.h"

namespace nacre {

using Color = std::array<double, 3>;  // red, green, blue in [0, 255]

// Deterministic in `random`, on every machine.
class Texture {
 public:
  // Between colours `a` and `b`; `size` is that of the image in pixels.
  Texture(Random& random, const Color& a, const Color& b, double size);
  Color At(double x, double y) const;

 private:
  enum class Kind { kPlain, kGradient, kStripes, kChecker, kCloud };
  // Share of `b` at a point, in [0, 1].
  double Mix(double x, double y) const;
  double Cloud(double x, double y, double cell, size_t offset) const;

  Kind kind_;
  Color a_, b_;
  double size_, period_, phase_, duty_;
  Direction direction_;
  std::vector<double> lattice_;
};

}  // namespace nacre
