// What both solvers share about covers of blocks by choices. Private to search/.
#pragma once

#include <vector>

#include "search/solver.h"

namespace nacre::search_internal {

// Throws std::logic_error when a choice covers blocks that do not exist.
void CheckBlocks(const std::vector<Choice>& choices, int blocks);

// The picks in order of their blocks, and their sums.
Solution SolutionOf(const std::vector<Choice>& choices, std::vector<int> picks);

}  // namespace nacre::search_internal
