#include "predict/attainable.h"

#include <algorithm>
#include <cmath>

namespace nacre {

double Attainable(double original, double speedup) {
  constexpr double kExponent = 0.05;
  return std::max(0.0, 1 - (1 - original) * std::pow(std::max(1.0, speedup), kExponent));
}

}  // namespace nacre
