// Pictures with the boxes of a detector, for the report.
#pragma once

#include <string>
#include <vector>

#include "data/detection_set.h"
#include "report/report.h"

namespace nacre {

// The first images of the set that show something, with what is true, and what the records
// (task/detection_task.h) of the original and of the result have found.
std::vector<ShownPicture> ShowBoxes(const DetectionSet& set, const std::string& original,
                                    const std::string& result);

}  // namespace nacre
