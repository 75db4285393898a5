// The original as a result of the run: what there is when no time was left to train, or nothing
// that was trained keeps the limit.
#pragma once

#include "pipeline/quantize_finalists.h"
#include "pipeline/rate_space.h"

namespace nacre {

inline constexpr char kOriginalId[] = "original";

// In float and as the INT8 baseline. Errors are those of the run's store.
Expected<QuantizedFinalist> OriginalResult(RunServices& run, const Ingested& in,
                                           const Baselines& baselines, const RatedSpace& rated);

}  // namespace nacre
