// JobRunner: the jobs of one run. What the run holds already is not done again; what it lacks goes
// to the executor, and every result is kept in the run as soon as it is there.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "engine/budget.h"
#include "engine/executor.h"
#include "store/run.h"

namespace nacre {

class JobRunner {
 public:
  // Store and executor must outlive it. `interrupted` is asked before a job begins.
  struct Parts {
    Run* store = nullptr;
    Executor* executor = nullptr;
    Budget budget;  // says how much of it is spent
    std::function<bool()> interrupted;
  };
  explicit JobRunner(Parts parts) : parts_(std::move(parts)) {}

  // Results in the order of the jobs, which must not depend on each other. `ended` hears how many
  // of them have ended. In place of a result: the error of the job, with its kind also when it was
  // recorded earlier; for jobs that were not begun the error that stopped the others, or
  // kInterrupted.
  std::vector<Expected<JobResult>> Do(std::span<const JobSpec> jobs,
                                      const std::function<void(size_t)>& ended = {});
  Expected<JobResult> Do(const JobSpec& job);

  // Choices that depend on the clock or on files outside the run are made once and kept, so that a
  // resumed run goes the same way. `name` says what is decided, with all that it depends on.
  Expected<std::optional<std::string>> Decided(const std::string& name);
  Expected<void> Decide(const std::string& name, const std::string& value);

  // From now on measurements, decisions and what else depends on the clock are taken from another
  // run, where it has them, and no job is limited in time but as far as that run's was: for tests
  // that compare runs, which would differ by chance otherwise. `recording` must outlive this.
  void TakeOver(Run& recording) { recording_ = &recording; }

  // The run cannot go on after such an error of a job that it would survive otherwise: it was
  // interrupted, or the run folder can no longer be written.
  bool EndsRun(const Error& error) const;

 private:
  using Found = std::optional<Expected<JobResult>>;
  Expected<Found> Find(const JobSpec& job);
  Expected<Found> Recorded(const JobSpec& job);
  Expected<JobSpec> AsRecorded(JobSpec job) const;
  Expected<void> Keep(const JobSpec& job, const Expected<JobResult>& result, Seconds took);
  Expected<void> CheckNotInterrupted() const;
  struct Batch;
  Batch LookUp(std::span<const JobSpec> jobs);
  Expected<void> Execute(Batch& batch, const std::function<void(size_t)>& ended);

  Parts parts_;
  Run* recording_ = nullptr;
};

}  // namespace nacre
