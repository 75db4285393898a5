#include "search/hypervolume.h"

namespace nacre {

double Hypervolume(const std::vector<Evaluated>& evaluated, const Outcome& reference) {
  double area = 0, below = reference.accuracy;  // accuracy that cheaper outcomes have covered
  for (const Evaluated& each : ParetoFront(evaluated)) {
    const Outcome& outcome = each.outcome;
    if (outcome.cost >= reference.cost || outcome.accuracy <= below) continue;
    area += (reference.cost - outcome.cost) * (outcome.accuracy - below);
    below = outcome.accuracy;
  }
  return area;
}

}  // namespace nacre
