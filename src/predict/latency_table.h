// Latency of a network as a sum over its parts, measured on the target (method.md section 2, step 1).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/units.h"
#include "graph/network.h"

namespace nacre {

// Marginal latency of each fragment, by structural hash. Ratios between networks are what it is good for.
struct LatencyTable {
  std::string fingerprint;                 // of machine, compiler, target
  std::map<std::string, double> entries;   // structural hash of a fragment -> microseconds
  double overhead = 0;                     // per inference, microseconds
  double scale = 1;                        // calibrated against whole networks
};

// JSON, for the cache.
std::string ToJson(const LatencyTable& table);
Expected<LatencyTable> LatencyTableFromJson(const std::string& text);

// Measures many networks interleaved with the first, which serves as reference against drift; microseconds each.
using MeasureMany = std::function<std::vector<Expected<double>>(const std::vector<Network>&)>;

// A fragment is measured repeated k times inside one network (its input restored between by what fits); its marginal
// latency is the slope over k. `fragments` with the same structural hash are measured once; those already in `table` not again.
Expected<void> Extend(LatencyTable& table, const std::vector<Network>& fragments, const MeasureMany& measure, const std::function<void(double)>& progress = {});

}  // namespace nacre
