#include "examples/demo/texture.h"

#include <algorithm>

namespace nacre {
namespace {

constexpr int kLattice = 16;  // values per side; it repeats beyond

int Floor(double x) {
  const int whole = static_cast<int>(x);
  return x < whole ? whole - 1 : whole;
}

double Fraction(double x) { return x - Floor(x); }
double Smooth(double t) { return t * t * (3 - 2 * t); }

}  // namespace

Texture::Texture(Random& random, const Color& a, const Color& b, double size)
    : kind_(static_cast<Kind>(random.Below(5))), a_(a), b_(b), size_(size) {
  period_ = size * (0.1 + 0.25 * random.Uniform());
  phase_ = random.Uniform();
  duty_ = 0.35 + 0.3 * random.Uniform();
  direction_ = DirectionOf(random.Uniform());
  lattice_.resize(kLattice * kLattice);
  for (double& value : lattice_) value = random.Uniform();
}

double Texture::Cloud(double x, double y, double cell, size_t offset) const {
  const int column = Floor(x / cell), row = Floor(y / cell);
  const double u = Smooth(Fraction(x / cell)), v = Smooth(Fraction(y / cell));
  const auto at = [&](int i, int j) {
    const size_t place =
        static_cast<size_t>((j & (kLattice - 1)) * kLattice + (i & (kLattice - 1)));
    return lattice_[(place + offset) % lattice_.size()];
  };
  const double top = at(column, row) * (1 - u) + at(column + 1, row) * u;
  const double bottom = at(column, row + 1) * (1 - u) + at(column + 1, row + 1) * u;
  return top * (1 - v) + bottom * v;
}

double Texture::Mix(double x, double y) const {
  const double along = x * direction_.cosine + y * direction_.sine;
  const double across = y * direction_.cosine - x * direction_.sine;
  switch (kind_) {
    case Kind::kPlain:
      return 0;
    case Kind::kGradient: {
      const double share = 0.5 + (along - size_ * 0.25) / size_;
      return std::clamp(share, 0.0, 1.0);
    }
    case Kind::kStripes:
      return Fraction(along / period_ + phase_) < duty_ ? 1 : 0;
    case Kind::kChecker:
      return (Floor(along / period_ + phase_) + Floor(across / period_ + phase_)) & 1;
    default:
      return 0.65 * Cloud(x, y, period_, 0) + 0.35 * Cloud(x, y, period_ / 2, 97);
  }
}

Color Texture::At(double x, double y) const {
  const double mix = Mix(x, y);
  Color color;
  for (size_t c = 0; c < 3; ++c) color[c] = a_[c] * (1 - mix) + b_[c] * mix;
  return color;
}

}  // namespace nacre
