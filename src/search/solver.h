// Exact choice of candidates under a cost budget: a mixed-integer program over span choices, solved
// by HiGHS.
#pragma once

#include <vector>

#include "base/expected.h"

namespace nacre {

// One way to cover the blocks first..last.
struct Choice {
  int first = 0, last = 0;
  double loss = 0;    // expected loss of quality, additive; lower is better
  double cost = 0;    // in the unit of the objective, additive
  double second = 0;  // in the unit of the bound beside the objective, additive
};

// Upper bounds on the sums; 0: none.
struct SolveLimits {
  double cost = 0;
  double second = 0;
};

struct Solution {
  std::vector<int> picks;  // indices into the choices, ordered by `first`
  double loss = 0, cost = 0, second = 0;
};

// Up to `count` best solutions, best first, each differing from all earlier ones in at least
// `diversity` picks. Every block 0..blocks-1 is covered exactly once. Empty when the limits cannot
// be met. Error (kInternal): a loss, a cost or a second figure is not finite, or HiGHS fails.
// Throws std::logic_error when a choice covers blocks that do not exist.
Expected<std::vector<Solution>> SolveBest(const std::vector<Choice>& choices, int blocks,
                                          const SolveLimits& limits, int count = 1,
                                          int diversity = 1);

// The best cover under a cost limit (> 0) by dynamic programming over `bins` equal intervals of
// cost, each choice rounded up: never over the limit, and exact when all costs are multiples of
// limit / bins. Independent of HiGHS, linear in choices times bins. No picks when the limit cannot
// be met. Throws as SolveBest does.
Solution SolveDynamic(const std::vector<Choice>& choices, int blocks, double cost_limit,
                      int bins = 1000);

}  // namespace nacre
