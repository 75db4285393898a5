// What a run leaves behind: models, front, report, environment, resolved configuration.
#pragma once

#include <string>
#include <vector>

#include "pipeline/context.h"

namespace nacre {

// Spans of the original beside what the finalist has there, with latencies from the table.
std::vector<BlockRow> BlockRows(const Context& context, const Finalist& finalist);

// environment.json: machine, compiler, and which `nacre` it was.
std::string EnvironmentJson(const MachineInfo& machine, const std::string& nacre);

// models/<rank>-<id>/ of every entry of the front (paths are filled in), front.json, front.csv,
// report.json, report.html.
Expected<void> WriteOutputs(Context& context);

}  // namespace nacre
