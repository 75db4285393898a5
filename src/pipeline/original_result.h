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

// For a run that has no other result: INT8 with as many layers in float as it needs to keep its
// accuracy on the validation images. Errors: those of the INT8 job.
Expected<ArtifactHash> GuardedInt8(RunServices& run, const Ingested& in,
                                   const QuantizedFinalist& original);

}  // namespace nacre
