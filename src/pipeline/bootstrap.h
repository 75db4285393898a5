// BootstrapNAS: a super-network out of the trained network, its training, the search of its
// sub-networks by measured latency, and three of them finished (docs/method.md, section 3; arXiv
// 2112.10878).
#pragma once

#include <vector>

#include "pipeline/plan.h"
#include "pipeline/run_services.h"
#include "report/report.h"

namespace nacre {

// A method (pipeline/method.h). Errors: those of its stages; kModel where nothing is elastic.
Expected<Report> RunBootstrap(RunServices& run);

// What that would do, before it does anything. Errors: as Ingest has for the model.
Expected<std::vector<PlannedJobs>> PlanBootstrap(const RunConfig& config);

}  // namespace nacre
