// Spans of the original beside what a result has there.
#pragma once

#include <vector>

#include "pipeline/history.h"
#include "report/report.h"
#include "space/space.h"

namespace nacre {

// With latencies from the table; 0 where the table has none.
std::vector<BlockRow> BlockRows(const Space& space, const Finalist& finalist);

}  // namespace nacre
