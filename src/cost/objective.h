// What a run minimises.
#pragma once

#include <string>

#include "base/expected.h"
#include "cost/usage.h"

namespace nacre {

// Throughput is that of batches one after the other: it is highest where the latency of a batch is
// lowest.
enum class Objective { kLatency, kThroughput, kSize, kMemory };

// The figure that the objective minimises: microseconds of one batch, or bytes. Lower is better.
double Of(Objective objective, const Usage& usage);

// "latency", "throughput", "size" or "memory", as the configuration has it.
std::string Name(Objective objective);
// Error (kUsage): `name` is none of the four; the message names them.
Expected<Objective> ParseObjective(const std::string& name);

// Whether the figure is a time; else it counts bytes.
bool MinimisesTime(Objective objective);

}  // namespace nacre
