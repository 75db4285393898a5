// The time that a run keeps for what comes after its last training.
#pragma once

#include "pipeline/baselines.h"

namespace nacre {

// Seconds for INT8 and acceptance of `finalists` networks, by what the original's INT8 has taken
// and by the size of the test set. Decided once.
Expected<Seconds> SecondsToFinish(RunServices& run, const Ingested& in, const Baselines& baselines,
                                  size_t finalists);

// Whether enough of the first budget is left to train anything; if not, that is said. Decided once.
Expected<bool> IsTimeToSearch(RunServices& run, const Ingested& in, Seconds to_finish);

// What INT8 of one finalist takes, without tuning.
Expected<Seconds> SecondsOfInt8(RunServices& run);

// Whether finding out what INT8 costs a network is worth its time before the end of a training: it
// takes as long as the finalist's INT8 itself. Errors are those of the run's store.
Expected<bool> IsTimeForInt8Loss(RunServices& run);

}  // namespace nacre
