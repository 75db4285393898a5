// Method: a whole way from the original to the results. One file a method, named in one list.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "config/config.h"
#include "pipeline/plan.h"
#include "pipeline/run_services.h"
#include "report/report.h"

namespace nacre {

struct Method {
  std::string name;     // as `search.method` gives it
  std::string summary;  // one line for people
  // Goes on where an earlier session stopped. The report has the results, best first; none of them
  // may meet the limit. Errors: without any result.
  Expected<Report> (*run)(RunServices&) = nullptr;
  // What a run of this configuration would do; nothing is measured or trained.
  Expected<std::vector<PlannedJobs>> (*plan)(const RunConfig&) = nullptr;
};

// In pipeline/methods.cc.
std::span<const Method> Methods();

// Error (kUsage) when there is no such method; it names those that there are.
Expected<const Method*> FindMethod(const std::string& name,
                                   std::span<const Method> methods = Methods());

// Runs the method that the configuration names, and writes the numbers in force into the run
// folder.
Expected<Report> RunMethod(RunServices& run, std::span<const Method> methods = Methods());

}  // namespace nacre
