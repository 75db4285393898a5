// Labels for images that have none: the class that a network names for each.
#pragma once

#include <string>
#include <vector>

#include "engine/worker.h"

namespace nacre {

// Kind "label": the float network, compiled by this machine's compiler. Input: the network.
JobSpec LabelSpec(const ArtifactHash& network, const std::string& images);
// For each image, in order; -1 where the network's answer is no number.
std::vector<int> ReadLabels(const JobResult& result);

Expected<JobResult> RunLabel(const JobSpec& job, const Workplace& place);

}  // namespace nacre
