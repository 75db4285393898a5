#include "forecast/attainable.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nacre {
namespace {

constexpr double kPower = 1.5;

}  // namespace

double Attainable(double original, double speedup, double part) {
  return std::max(0.0,
                  1 - (1 - original) * (1 + part * (std::pow(std::max(1.0, speedup), kPower) - 1)));
}

double FastestThatAttains(double wanted, double original, double part) {
  const double more = 1 - wanted - (1 - original), scale = (1 - original) * part;  // error
  if (more <= 0) return 1;
  return scale > 0 ? std::pow(1 + more / scale, 1 / kPower)
                   : std::numeric_limits<double>::infinity();
}

double PartOfSize(double trained_on, double unseen) {
  constexpr double kLeast = 0.004, kMost = 0.05, kSlope = 1.0 / 8;
  if (trained_on <= unseen || unseen >= 1) return kTypicalPart;
  return std::clamp(kSlope * (1 - trained_on) / (1 - unseen), kLeast, kMost);
}

}  // namespace nacre
