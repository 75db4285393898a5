// The loss that a cover has at least if it makes a given choice: it leaves few choices for the
// solver. Private to search/.
#pragma once

#include <vector>

#include "search/solver.h"

namespace nacre::search_internal {

// Lower bounds on the loss of covers that keep the cost limit; infinite where there is no such
// cover.
struct LossBounds {
  double best = 0;              // of any cover
  std::vector<double> through;  // of those with choice i
};

// Lagrangian relaxation of the cost limit (Fisher, 1981): a shortest path over the blocks takes
// loss plus price times cost for its lengths, and bisection of its subgradient finds the price that
// gives the highest bound. `cost_limit` 0: none.
LossBounds LowerBounds(const std::vector<Choice>& choices, int blocks, double cost_limit);

}  // namespace nacre::search_internal
