// A part of the latency table: a few fragments, timed on the target (cost/latency_table.h).
#pragma once

#include <span>
#include <string>

#include "cost/latency_table.h"
#include "engine/worker.h"

namespace nacre {

// Kind "table". Input: the fragments, batch-norm folded, as one artifact. The table gives
// reference, bases and scale; its entries are not part of the job.
JobSpec TableSpec(const ArtifactHash& fragments, LatencyTable table, const Target& target);

// The table with the new entries only. Error (kInternal): the result is damaged.
Expected<LatencyTable> ReadTablePart(const JobResult& result);

Expected<JobResult> RunTable(const JobSpec& job, const Workplace& place);

}  // namespace nacre
