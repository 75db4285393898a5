// Exact choice of candidates under a latency budget: a mixed-integer program (HiGHS) over span
// choices.
#pragma once

#include <vector>

#include "base/expected.h"

namespace nacre {

// One way to cover blocks [first, last].
struct Choice {
  int first = 0, last = 0;
  double cost = 0;     // expected loss of quality; lower is better
  double latency = 0;  // microseconds, additive
  double size = 0;     // bytes, additive
};

struct SolveLimits {
  double latency = 0;  // upper bound on the sum; 0: none
  double size = 0;     // 0: none
};

struct Solution {
  std::vector<int> picks;  // indices into the choices, ordered by `first`
  double cost = 0, latency = 0, size = 0;
};

// Up to `count` best solutions, best first, each differing from all earlier ones in at least
// `diversity` picks. Every block 0..blocks-1 covered exactly once. Empty when the limits cannot be
// met.
Expected<std::vector<Solution>> SolveBest(const std::vector<Choice>& choices, int blocks,
                                          const SolveLimits& limits, int count = 1,
                                          int diversity = 1);

// SolveBest at each latency budget, each cover once, fastest first. Budgets that cannot be met add
// nothing.
Expected<std::vector<Solution>> SolveSweep(const std::vector<Choice>& choices, int blocks,
                                           const std::vector<double>& budgets, int count = 1,
                                           int diversity = 1);

// The best cover under a latency limit (> 0) by dynamic programming over `bins` steps of latency,
// each choice rounded up: never over the limit, and exact when all latencies are multiples of limit
// / bins. Independent of HiGHS, linear in choices times bins. No picks when the limit cannot be
// met.
Solution SolveDynamic(const std::vector<Choice>& choices, int blocks, double latency_limit,
                      int bins = 1000);

}  // namespace nacre
