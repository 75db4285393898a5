// RunServices: what every stage of a run works with. Nothing in it is a result: results of stages
// are values that the next stages take.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/units.h"
#include "config/config.h"
#include "engine/budget.h"
#include "engine/job_runner.h"
#include "engine/materials.h"
#include "store/run.h"
#include "target/target.h"
#include "train/compute.h"

namespace nacre {

struct RunServices {
  const RunConfig config;              // as the user gave it
  const std::vector<Seconds> budgets;  // totals, the last one is under way (engine/rounds.h)
  const std::string command, version;  // to repeat the run, and of nacre
  const MachineInfo machine;           // the target's
  const Compute compute;               // of this machine, which trains
  const Budget budget;                 // the whole of it
  Run& store;
  Materials& materials;
  JobRunner& jobs;
  Compiler& compiler;  // of this machine
  Progress& progress;

  // Of machine and target: whatever was measured holds for it.
  std::string Fingerprint() const { return nacre::Fingerprint(machine, config.target); }
  CompileOptions TimedOptions() const {
    return {config.target.precision, config.target.threads, config.target.batch};
  }
};

// Note of the run's store: the last stage that has ended.
inline constexpr char kLastStageNote[] = "last-stage";

// A stage has begun, or has ended after so many seconds: progress and events.jsonl.
void BeginStage(RunServices& run, const std::string& name);
Expected<void> EndStage(RunServices& run, const std::string& name, Seconds took);

// The result of one stage of a run, whose name people see and whose time is recorded.
template <typename Stage>
auto Timed(RunServices& run, const std::string& name, Stage stage) -> decltype(stage()) {
  BeginStage(run, name);
  const Seconds start = run.budget.clock().Now();
  auto result = stage();
  if (!result) return result;
  NACRE_CHECK_OK(EndStage(run, name, run.budget.clock().Now() - start));
  return result;
}

}  // namespace nacre
