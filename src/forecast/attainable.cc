#include "forecast/attainable.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nacre {

namespace {

// The error that a share of is the size's.
double SizedError(double original) {
  return std::max<double>(1 - original, priors::kLeastSizedError);
}

}  // namespace

double Attainable(double original, double speedup, double capacity_share) {
  const double growth = std::pow(std::max(1.0, speedup), priors::kCapacityPower) - 1;
  return std::max(0.0, original - SizedError(original) * capacity_share * growth);
}

double FastestThatAttains(double wanted, double original, double capacity_share) {
  const double more = 1 - wanted - (1 - original);  // error that is allowed beyond the original's
  const double scale = SizedError(original) * capacity_share;
  if (more <= 0) return 1;
  if (scale <= 0) return std::numeric_limits<double>::infinity();
  return std::pow(1 + more / scale, 1 / priors::kCapacityPower);
}

}  // namespace nacre
