// How well one list of numbers orders another.
#pragma once

#include <vector>

namespace nacre {

// Kendall's tau-b in [-1, 1]: 1 when both lists order all pairs alike, 0 when they have nothing to
// do with each other (and when either list is constant or shorter than two). Ties in one list only
// count against it (Kendall, 1945). Quadratic time. Throws std::logic_error when the lengths
// differ.
double KendallTau(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace nacre
