// What a run leaves behind for people and programs: models, front, report, environment, numbers.
#pragma once

#include <string>
#include <vector>

#include "pipeline/accept.h"
#include "pipeline/history.h"

namespace nacre {

// environment.json: machine, compiler, and which `nacre` it was.
std::string EnvironmentJson(const MachineInfo& machine, const std::string& nacre);

// numbers.json: every tuned number of forecast/priors.h and engine/shares.h with its source.
std::string NumbersJson();

struct OutputInputs {
  const Ingested& in;
  const History& history;
  const std::vector<QuantizedFinalist>& finalists;
  double macs_per_second = 0;  // of training
};

// models/<rank>-<id>/ of every entry of the front (paths are filled in), front.json, front.csv,
// report.json, report.html; what the report says besides the front is filled in. Error: a file
// cannot be written.
Expected<void> WriteOutputs(RunServices& run, const OutputInputs& inputs, Report& report);

}  // namespace nacre
