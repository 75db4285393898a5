// The answers of the teacher that all networks of a round learn from.
#pragma once

#include "engine/jobs/teacher_job.h"
#include "pipeline/baselines.h"

namespace nacre {

// As many augmented variants of every image as a small share of the budget pays for. `total`: the
// budget that the round belongs to; `macs_per_second`: of training.
Expected<StoredAnswers> PrepareTeacherOutputs(RunServices& run, const Ingested& in,
                                              const Baselines& baselines, Seconds total,
                                              double macs_per_second);

}  // namespace nacre
