// The trade-off that a search has found.
#pragma once

#include <vector>

#include "search/point.h"

namespace nacre {

struct Evaluated {
  Trial trial;
  Outcome outcome;
};

// The Pareto front: what no other beats in both accuracy and cost, cheapest first; of equal ones
// the first. Failed trials and those whose accuracy or cost is NaN are never on it.
std::vector<Evaluated> ParetoFront(std::vector<Evaluated> evaluated);

}  // namespace nacre
