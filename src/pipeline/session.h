// Session: one process that works on a run. It owns what RunServices refers to.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/in_process.h"
#include "pipeline/run_services.h"

namespace nacre {

struct SessionOptions {
  RunConfig config;
  std::vector<Seconds> budgets;  // totals; the last one is under way
  Seconds spent{0};              // by earlier sessions
  std::string command, version;
  // Another run whose measurements and decisions are taken over (engine/job_runner.h).
  std::optional<std::filesystem::path> recording;
};

class Session {
 public:
  // `store` and `progress` must outlive it. Errors: kTarget (the target's machine cannot be reached
  // or cannot serve the target), kUsage (the recording is not a run).
  static Expected<std::unique_ptr<Session>> Start(Run& store, Progress& progress,
                                                  const SessionOptions& options);

  RunServices& services() { return *services_; }

 private:
  Session(Run& store, Progress& progress, const SessionOptions& options, MachineInfo target);
  Expected<void> OpenRecording(const std::filesystem::path& folder);

  std::unique_ptr<Compiler> compiler_;
  std::unique_ptr<Run> recording_;
  std::unique_ptr<Materials> materials_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<JobRunner> jobs_;
  std::unique_ptr<RunServices> services_;
};

}  // namespace nacre
