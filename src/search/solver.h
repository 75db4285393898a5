// Exact choice of candidates under a latency budget: a mixed-integer program (HiGHS) over span choices.
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
  double latency = 0;  // upper bound on the sum
  double size = 0;     // 0: none
};

struct Solution {
  std::vector<int> picks;  // indices into the choices, ordered by `first`
  double cost = 0, latency = 0, size = 0;
};

// Up to `count` best solutions, best first, each differing from all earlier ones in at least `diversity` picks.
// Every block 0..blocks-1 covered exactly once. Empty when the limits cannot be met.
Expected<std::vector<Solution>> SolveBest(const std::vector<Choice>& choices, int blocks, const SolveLimits& limits, int count = 1, int diversity = 1);

}  // namespace nacre
