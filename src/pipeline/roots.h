// What the tree search of a round begins with.
#pragma once

#include <vector>

#include "pipeline/history.h"
#include "pipeline/rate_space.h"

namespace nacre {

// In the first round the solver's solutions. In a later one the finalists so far, and those of the
// solver's that are predicted to cost less than the most expensive finalist, and more than the
// finalists that are expected to miss the limit.
std::vector<Point> RootsOfRound(const std::vector<Point>& solved, const RatedSpace& rated,
                                const Aim& aim, const History& history);

}  // namespace nacre
