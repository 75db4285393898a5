#include "engine/in_process.h"

#include "base/release_memory.h"

namespace nacre {

namespace {
constexpr Seconds kLongJob{1};  // may have used much memory, and does not notice a millisecond
}

Expected<JobResult> RunJob(const JobSpec& job, const Workplace& place, const WorkerTable& workers) {
  const auto worker = workers.find(job.kind);
  if (worker != workers.end()) return worker->second(job, place);
  return Fail(ErrorKind::kInternal, "no worker does jobs of the kind '" + job.kind + "'");
}

Expected<void> InProcessExecutor::Run(std::span<const JobSpec> jobs, const Ended& ended) {
  for (size_t i = 0; i < jobs.size(); ++i) {
    const Seconds start = place_.clock.Now();
    const Expected<JobResult> result = RunJob(jobs[i], place_, workers_);
    const Seconds took = place_.clock.Now() - start;
    if (took > kLongJob) ReleaseFreedMemory();
    NACRE_CHECK_OK(ended(i, result, took));
  }
  return {};
}

}  // namespace nacre
