// The executor that runs jobs in this process, in their order, one at a time.
#pragma once

#include "engine/executor.h"
#include "engine/workers.h"

namespace nacre {

class InProcessExecutor : public Executor {
 public:
  // `workers` must outlive it.
  explicit InProcessExecutor(Workplace place, const WorkerTable& workers = Workers())
      : place_(std::move(place)), workers_(workers) {}

  Expected<void> Run(std::span<const JobSpec> jobs, const Ended& ended) override;

 private:
  Workplace place_;
  const WorkerTable& workers_;
};

}  // namespace nacre
