// The latency table of a target: measured by itself, kept from run to run, and judged on whole networks.
#pragma once

#include <filesystem>

#include "predict/latency_table.h"
#include "space/space.h"
#include "target/target.h"

namespace nacre {

// Times networks on the target, interleaved, in a child process; with made-up ranges when the target is INT8.
MeasureMany TimesOn(const Target& target);

// The table's name for a part: batch-norm folded, as the compiler sees it.
std::string PartKey(const Network& fragment);

// Adds all candidates' fragments to the table. `progress` hears fractions from 0 to 1.
Expected<void> ExtendBySpace(LatencyTable& table, const Space& space, const Target& target,
                             const std::function<void(double)>& progress = {});

// Microseconds per candidate of the space; -1 for what the table lacks.
std::vector<double> CandidateLatencies(const LatencyTable& table, const Space& space);

// Predicted against measured on networks that are drawn from the space at random.
struct TableCheck {
  std::vector<double> predicted, measured;  // of the original's latency
  double largest_error = 0;                 // |predicted / measured - 1|
  double tau = 0;                           // Kendall's
};
Expected<TableCheck> CheckTable(const LatencyTable& table, const Space& space, const Target& target, int networks,
                                uint64_t seed);

// $NACRE_CACHE, $XDG_CACHE_HOME/nacre or ~/.cache/nacre; one file per fingerprint below "latency".
std::filesystem::path TableFile(const std::string& fingerprint);
// An empty table when there is none, or none that can be read.
LatencyTable ReadTable(const std::string& fingerprint);
// Error (kUsage) names the file that cannot be written.
Expected<void> WriteTable(const LatencyTable& table);

}  // namespace nacre
