// What a run minimises, and the bounds that its results must keep.
#pragma once

#include <optional>
#include <string>

#include "base/expected.h"
#include "graph/network.h"
#include "target/target.h"

namespace nacre {

// What one network takes on the target. Size: bytes of the ONNX file that is deployed. Memory:
// bytes of weights and of the most activations alive at once (graph/footprint.h), at the target's
// precision and batch.
struct Usage {
  double latency = 0;  // microseconds of one batch
  double size = 0, memory = 0;
};

// What results must not take more than; 0: no bound.
struct Bounds {
  double latency = 0;     // microseconds of one batch
  double throughput = 0;  // images a second, at least
  double size = 0, memory = 0;

  bool any() const { return latency > 0 || throughput > 0 || size > 0 || memory > 0; }
  // The tighter of `latency` and what `throughput` leaves for a batch; 0: none.
  double MostLatency(int64_t batch) const;
};

// What is compiled for the target: quantized with made-up ranges when that is INT8, else with
// batch-norm folded.
Network AsDeployed(const Network& network, const Target& target);

// Size and memory of a float network as the target will run it; its latency is left 0. Error
// (kModel): its shapes do not fit.
Expected<Usage> UsageOf(const Network& network, const Target& target);

// Bytes of its weights at the target's precision: the part of memory that adds up over the parts of
// a network.
Expected<double> WeightBytes(const Network& network, const Target& target);

// Which figure "latency", "throughput", "size" or "memory" minimises.
double Usage::*FigureOf(const std::string& objective);

// Names the bound that the usage breaks ("takes 0.81 ms, more than 0.5 ms"); empty when none.
std::string Broken(const Bounds& bounds, const Usage& usage, int64_t batch);

}  // namespace nacre
