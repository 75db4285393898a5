// Executor: a place where jobs run. The one in use runs them in this process, one after the other
// (engine/in_process.h); another may send them to other processes or machines, in any order.
#pragma once

#include <functional>
#include <span>

#include "base/expected.h"
#include "engine/job.h"

namespace nacre {

class Executor {
 public:
  virtual ~Executor() = default;

  // Hears of every job as it ends. An error stops the others that have not begun.
  using Ended =
      std::function<Expected<void>(size_t job, const Expected<JobResult>& result, Seconds took)>;

  // Does all jobs, which do not depend on each other, and returns when all have ended. Artifacts
  // of a result are in the store before `ended` hears of it. Error: what `ended` returned.
  virtual Expected<void> Run(std::span<const JobSpec> jobs, const Ended& ended) = 0;
};

}  // namespace nacre
