// What all jobs that train have in common. Private to engine/.
#pragma once

#include <string>

#include "engine/worker.h"
#include "train/train.h"

namespace nacre::engine_internal {

// Epochs, batch, rates (`rate` times the trainer's, scaled to the batch), seed, threads and
// deadline; progress is reported, logged as the curve `name`, and stops where the job is cancelled.
// `place` must outlive it.
TrainOptions TrainingOptions(const JobSpec& job, const std::string& name, double rate,
                             const ImageSet& images, const Workplace& place);

}  // namespace nacre::engine_internal
