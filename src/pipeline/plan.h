// What a run would do, before it does anything: the jobs of a dry run.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "graph/core.h"

namespace nacre {

struct PlannedJobs {
  std::string stage, kind;
  size_t least = 1, most = 1;  // how many; how many exactly only the run itself finds out
  Seconds estimated{0};        // for all of them
};

// What is read of the model for a plan, and checked, as Ingest would. Errors: as Ingest has for the
// model.
Expected<Core> CoreForPlan(const RunConfig& config);

// By the AutoNAC method: reads the model and builds the space, measures and trains nothing.
// Errors: as Ingest has for the model.
Expected<std::vector<PlannedJobs>> PlanAutonac(const RunConfig& config);

}  // namespace nacre
