// Exact choice of candidates over a sweep of costs; the solutions are the roots of the tree search.
#pragma once

#include <vector>

#include "pipeline/rate_space.h"
#include "search/point.h"

namespace nacre {

// Most expensive first; none where no combination of candidates is better than the original, which
// is said. Error (kNothingMet): none keeps the bounds.
Expected<std::vector<Point>> SolveForRoots(const RatedSpace& rated);

}  // namespace nacre
