#include "predict/attainable.h"

#include <algorithm>
#include <cmath>

namespace nacre {

double Attainable(double original, double speedup, double part) {
  return std::max(0.0, 1 - (1 - original) * (1 + part * (std::sqrt(std::max(1.0, speedup)) - 1)));
}

double PartOfSize(double trained_on, double unseen) {
  constexpr double kLeast = 0.03, kMost = 0.25, kSlope = 2.0 / 3;
  if (trained_on <= unseen || unseen >= 1) return kTypicalPart;
  return std::clamp(kSlope * (1 - trained_on) / (1 - unseen), kLeast, kMost);
}

}  // namespace nacre
