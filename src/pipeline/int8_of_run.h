// INT8 jobs for the networks of a run.
#pragma once

#include <string>

#include "engine/jobs/int8_job.h"
#include "pipeline/ingest.h"

namespace nacre {

// By the run's images, machine and target; `reference`, `known` and `limit` are left to the caller.
Int8Job Int8JobOf(const RunServices& run, const Ingested& in, const ArtifactHash& network,
                  const std::string& name);

}  // namespace nacre
