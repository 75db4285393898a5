// The space of candidates: built, priced by the latency table, distilled and scored.
#pragma once

#include "pipeline/baselines.h"
#include "space/architectures.h"
#include "space/space.h"

namespace nacre {

struct RatedSpace {
  Space space;
  PricingContext pricing;
};

// Candidates with their usage on the target. Error (kTarget): the table cannot be measured.
Expected<RatedSpace> PriceSpace(RunServices& run, const Ingested& in, const Baselines& baselines);

// Multiply-accumulates of the forward pass per second that this machine trains.
Expected<double> MeasureTrainingSpeed(RunServices& run, const Ingested& in);

// The space after distillation: the indices of the candidates that have learned their spans, in
// ascending order; their fragments are the trained ones.
struct DistilledSpace {
  RatedSpace rated;
  std::vector<size_t> learned;
};

// The useful candidates learn their spans, as many as the time allows.
Expected<DistilledSpace> DistilCandidates(RunServices& run, const Ingested& in,
                                          double macs_per_second, RatedSpace rated);
// Those that have learned get a score: the divergence of the teacher's outputs with the candidate
// in its place.
Expected<RatedSpace> ScoreCandidates(RunServices& run, const Ingested& in, double macs_per_second,
                                     DistilledSpace distilled);

}  // namespace nacre
