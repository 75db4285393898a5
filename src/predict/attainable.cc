#include "predict/attainable.h"

#include <algorithm>

namespace nacre {

double Attainable(double original, double speedup) {
  constexpr double kPart = 0.02;
  return std::max(0.0, 1 - (1 - original) * (1 + kPart * (std::max(1.0, speedup) - 1)));
}

}  // namespace nacre
