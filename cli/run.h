// Starting and resuming runs, and reading what they left.
#pragma once

#include <filesystem>
#include <string>

#include "cli/command.h"

namespace nacre {

Expected<void> OptimizeFresh(RunConfig config, const CommandLine& line);
// The jobs that such a run would do, with their estimated time.
Expected<void> PrintPlan(RunConfig config, const CommandLine& line);
// `budget`: empty keeps the run's.
Expected<void> ResumeRun(const std::filesystem::path& folder, const std::string& budget,
                         const CommandLine& line);

}  // namespace nacre
