// The AutoNAC method (docs/method.md, section 2): candidates for parts of the network, an exact
// solver, a tree search, final training, INT8, acceptance.
#pragma once

#include "base/expected.h"
#include "pipeline/run_services.h"
#include "report/report.h"

namespace nacre {

Expected<Report> RunAutonac(RunServices& run);

}  // namespace nacre
