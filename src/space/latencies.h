// The latency table of a space: filled with its candidates, fitted to networks drawn from it, and
// judged on them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cost/profile.h"
#include "space/space.h"

namespace nacre {

// How much care is taken: rounds per network, networks that the table is fitted to, and which.
struct ProfileCare {
  int rounds = 31, networks = 24;
  uint64_t seed = 0;
};

// Adds all candidates' fragments to the table. `progress` hears fractions from 0 to 1.
Expected<void> ExtendBySpace(LatencyTable& table, const Space& space, const Target& target,
                             const ProfileCare& care,
                             const std::function<void(double)>& progress = {});

// Microseconds per candidate of the space; -1 for what the table lacks.
std::vector<double> CandidateLatencies(const LatencyTable& table, const Space& space);

// Fits the table to networks that are drawn from the space at random.
Expected<void> CalibrateBySpace(LatencyTable& table, const Space& space, const Target& target,
                                const ProfileCare& care);

// Predicted against measured on other networks, which are measured twice: as far as two
// measurements of one network differ no prediction can be told right or wrong.
struct TableCheck {
  std::vector<std::string> networks;        // as ToString describes them
  std::vector<double> predicted, measured;  // microseconds on the table's scale
  double largest_error = 0;                 // |predicted / measured - 1|, measured: mean of the two
  double tau = 0;                           // Kendall's
  double largest_repeat = 0;                // |one / other - 1| of the two measurements
  double repeat_tau = 0;
};
Expected<TableCheck> CheckTable(LatencyTable& table, const Space& space, const Target& target,
                                const ProfileCare& care);

}  // namespace nacre
