// How fast this machine trains.
#pragma once

#include <string>

#include "engine/worker.h"

namespace nacre {

// Kind "speed": a few steps of training the teacher. Input: the teacher.
JobSpec SpeedSpec(const ArtifactHash& teacher, const std::string& images, const Compute& compute);

// Multiply-accumulates of the forward pass per second while training.
double ReadSpeed(const JobResult& result);

Expected<JobResult> RunSpeed(const JobSpec& job, const Workplace& place);

}  // namespace nacre
