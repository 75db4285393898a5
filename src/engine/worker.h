// Worker: the function that does jobs of one kind, and what it has besides the job.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/expected.h"
#include "engine/job.h"
#include "engine/materials.h"
#include "target/target.h"
#include "train/compute.h"

namespace nacre {

// How a job reports while it runs. Any of them may be empty.
struct JobHooks {
  std::function<void(double fraction, const std::string& text)> progress;
  std::function<bool()> cancelled;
  std::function<void(const std::string& tag, int64_t step, double value)> scalar;  // of a curve

  void Report(double fraction, const std::string& text) const {
    if (progress) progress(fraction, text);
  }
  bool Cancelled() const { return cancelled && cancelled(); }
};

struct Workplace {
  Materials& materials;
  Compiler& compiler;  // of this machine
  const Clock& clock;
  Compute compute;
  JobHooks hooks;
};

// A pure function of the job and the artifacts that it names; measured times and training speeds
// are the exception, which is why results are kept. Errors: kInterrupted when cancelled, and those
// of the work.
using Worker = Expected<JobResult> (*)(const JobSpec& job, const Workplace& place);

}  // namespace nacre
