// The one list of workers: kind of job -> function. A new kind is one file in engine/jobs/ and one
// line in engine/jobs/workers.cc.
#pragma once

#include <map>
#include <string>

#include "engine/worker.h"

namespace nacre {

using WorkerTable = std::map<std::string, Worker>;
const WorkerTable& Workers();  // in engine/jobs

// Error (kInternal) when no worker of the table knows the kind.
Expected<JobResult> RunJob(const JobSpec& job, const Workplace& place, const WorkerTable& workers);

}  // namespace nacre
