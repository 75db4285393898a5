// Both baselines on the target: the original compiled in FP32 and in INT8, interleaved.
#pragma once

#include "cost/usage.h"
#include "pipeline/ingest.h"

namespace nacre {

struct Baselines {
  ArtifactHash int8;  // the quantized original
  Latency fp32_latency{0}, int8_latency{0};
  Usage usage;  // of the original at the target's precision
};

// Error (kTarget): one of them cannot be compiled or measured.
Expected<Baselines> MeasureBaselines(RunServices& run, const Ingested& in);

}  // namespace nacre
