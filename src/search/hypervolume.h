// Hypervolume: how good a whole front is, in one number. Thread-safe.
#pragma once

#include <vector>

#include "search/front.h"

namespace nacre {

// The area of accuracy times cost that the outcomes dominate, down to the accuracy and up to the
// cost of `reference` (Zitzler and Thiele, PPSN V, 1998). Outcomes that failed, or do not dominate
// the reference, add nothing.
double Hypervolume(const std::vector<Evaluated>& evaluated, const Outcome& reference);

}  // namespace nacre
