// A detector with a set of boxes that judges it, for commands that work on one network.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "graph/core.h"
#include "target/target.h"
#include "task/detection_task.h"

namespace nacre {

struct JudgedDetector {
  std::shared_ptr<const DetectionSet> set;
  std::shared_ptr<const DetectionTask> task;
};

// Reads the boxes at `path`, and finds out how the file's outputs show boxes. `classes`: of a set
// that gives their order; empty: the set's own. Errors: those of ReadBoxes and DetectionTaskFor.
Expected<JudgedDetector> JudgeDetector(const Core& core, const Network& file,
                                       const RunConfig& config, const std::filesystem::path& path,
                                       const std::vector<ObjectClass>& classes, Compiler& compiler);

// `nacre eval` of a detector: prints how well its boxes agree with the true ones at `path`.
Expected<void> EvaluateDetector(RunConfig config, const std::filesystem::path& path, bool json);

}  // namespace nacre
