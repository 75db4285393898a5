// The order of the results in the report, and which of them are on the Pareto front.
#pragma once

#include <vector>

#include "config/config.h"
#include "cost/usage.h"
#include "report/report.h"

namespace nacre {

// What a measured network takes.
Usage UsageIn(const ModelFigures& figures);

// Fills in `meets_limit` (of accuracy, `limit`, and all bounds; where the user wants that, only of
// what is certified) and `on_front` (no other result
// beats it in both accuracy and what is minimised) of each, and sorts best first: those that meet
// the limit by what is minimised, then the others by accuracy. Of one architecture trained twice
// the latencies differ by noise alone: the more accurate comes first.
void SortFront(const RunConfig& config, double limit, std::vector<FrontEntry>& front);

}  // namespace nacre
