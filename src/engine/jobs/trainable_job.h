// The original as its training wants it (train/trainable.h).
#pragma once

#include <string>

#include "engine/worker.h"

namespace nacre {

// Kind "trainable". Input: the original. Artifact: the teacher.
JobSpec TrainableSpec(const ArtifactHash& network, const std::string& images);
Expected<JobResult> RunTrainable(const JobSpec& job, const Workplace& place);

}  // namespace nacre
