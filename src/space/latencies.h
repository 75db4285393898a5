// The latency table of a space: it is filled with the candidates, fitted to networks that are drawn
// from the space, and judged on others.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cost/profile.h"
#include "space/space.h"

namespace nacre {

// How much care is taken: rounds of measurement of each network, and how many networks the table is
// fitted to or judged on. The seed draws them.
struct ProfileCare {
  int rounds = 31, networks = 24;
  uint64_t seed = 0;
};

// Adds the fragments of all candidates to the table. `progress` hears fractions from 0 to 1. Errors
// are those of Extend.
Expected<void> ExtendBySpace(LatencyTable& table, const Space& space, const Target& target,
                             const ProfileCare& care,
                             const std::function<void(double)>& progress = {});

// Microseconds of each candidate of the space, at least 0; nothing for those that the table lacks.
std::vector<std::optional<double>> CandidateLatencies(const LatencyTable& table,
                                                      const Space& space);

// Fits the table to networks that are drawn from the space at random. Errors: a network cannot be
// measured (kTarget), or those of Calibrate.
Expected<void> CalibrateBySpace(LatencyTable& table, const Space& space, const Target& target,
                                const ProfileCare& care);

// Predicted against measured latency of networks drawn from the space. They are measured twice, as
// no prediction can be judged more finely than two measurements of one network differ.
struct TableCheck {
  std::vector<std::string> networks;        // as ToString describes them
  std::vector<double> predicted, measured;  // microseconds on the table's scale
  double largest_error = 0;                 // |predicted / measured - 1|, measured: mean of the two
  double tau = 0;                           // Kendall's, of predicted and measured
  double largest_repeat = 0;                // |one / other - 1| of the two measurements
  double repeat_tau = 0;                    // Kendall's, of the two measurements
};
Expected<TableCheck> CheckTable(LatencyTable& table, const Space& space, const Target& target,
                                const ProfileCare& care);

}  // namespace nacre
