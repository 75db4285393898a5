// A method for tests: its only result is the original, and it measures nothing.
#pragma once

#include "pipeline/method.h"

namespace nacre {

inline Expected<Report> ReportOriginal(RunServices& run) {
  Report report;
  report.title = run.config.model.filename().string();
  FrontEntry entry{.id = "original", .architecture = "as it was"};
  entry.meets_limit = true;
  report.front.push_back(entry);
  return report;
}

inline Expected<std::vector<PlannedJobs>> PlanNothing(const RunConfig&) {
  return std::vector<PlannedJobs>();
}

inline Method FakeMethod() {
  return {"fake", "hands the original back", ReportOriginal, PlanNothing};
}

}  // namespace nacre
