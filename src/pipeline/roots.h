// What the tree search of a round begins with.
#pragma once

#include <vector>

#include "pipeline/context.h"

namespace nacre {

// In the first round the solver's solutions. In a later one the finalists so far, and what of the
// solver's stands to take less than the dearest of them, and more than those that stand to miss the
// limit.
std::vector<Point> RootsOfRound(const Context& context);

}  // namespace nacre
