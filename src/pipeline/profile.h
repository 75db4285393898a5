// The latency table of a target: measured by itself, kept from run to run, and judged on whole
// networks.
#pragma once

#include <filesystem>

#include "predict/latency_table.h"
#include "space/space.h"
#include "target/measure.h"
#include "target/target.h"

namespace nacre {

// The network as the target runs it, with made-up ranges when the target is INT8.
MeasureJob TimingJob(const Network& network, const Target& target);

// Times networks on the target, interleaved, in a child process.
MeasureMany TimesOn(const Target& target,
                    const MeasureOptions& options = {.rounds = 9, .slice = Seconds(0.004)});

// The table's name for a part: batch-norm folded, as the compiler sees it.
std::string PartKey(const Network& fragment);

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

// $NACRE_CACHE, $XDG_CACHE_HOME/nacre or ~/.cache/nacre; one file per fingerprint below "latency".
std::filesystem::path TableFile(const std::string& fingerprint);
// An empty table when there is none, or none that can be read.
LatencyTable ReadTable(const std::string& fingerprint);
// Error (kUsage) names the file that cannot be written.
Expected<void> WriteTable(const LatencyTable& table);

}  // namespace nacre
