// What a cover costs at least if it makes a given choice: leaves few choices for the solver.
// Private to this folder.
#pragma once

#include <vector>

#include "search/solver.h"

namespace nacre {

struct Bounds {
  double best = 0;  // no cover within the latency limit costs less; infinite: there is none
  std::vector<double>
      through;  // nor, with choice i in it, less than through[i]; infinite: no cover has it
};

// Lagrangian relaxation of the latency limit (Fisher, 1981): a shortest path over the blocks prices
// latency, the price that gives the highest bound is found by bisection of its subgradient.
// `latency_limit` 0: none.
Bounds LowerBounds(const std::vector<Choice>& choices, int blocks, double latency_limit);

}  // namespace nacre
