// The task of a detector: what its heads answer, and how its outputs are read as boxes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "graph/core.h"
#include "target/target.h"
#include "task/detection_task.h"

namespace nacre {

struct DetectorInputs {
  const Core& core;                // with CoreOptions::heads
  const std::vector<Value>& file;  // outputs of the file
  const DetectionSettings& settings;
  const DetectionSet& set;  // that the reading of the boxes is chosen by
  Compiler& compiler;       // outlives the task
  int threads = 1;
  KnownBoxes known;
};

// Adds to `notes` how the boxes are read. Errors: kModel (no detector, or one whose tail cannot be
// run), kUsage (anchors are missing, or not wanted), kData (the anchors' file; or no reading of the
// boxes finds any object of the set).
Expected<std::shared_ptr<const DetectionTask>> DetectionTaskFor(const DetectorInputs& inputs,
                                                                std::vector<std::string>& notes);

}  // namespace nacre
