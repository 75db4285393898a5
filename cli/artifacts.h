// What a run has written.
#pragma once

#include <filesystem>

#include "base/expected.h"
#include "report/report.h"

namespace nacre {

// Error (kUsage): the run has not ended, or its report is damaged; with the remedy.
Expected<Report> ReadReport(const std::filesystem::path& run);

}  // namespace nacre
