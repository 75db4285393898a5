// What a network costs on the target, and the bounds that the results of a run must keep.
#pragma once

#include <cstdint>
#include <string>

#include "base/expected.h"
#include "graph/network.h"
#include "target/target.h"

namespace nacre {

// The cost of one network on the target.
struct Usage {
  double latency = 0;  // microseconds of one batch
  double size = 0;     // bytes of the ONNX file that is deployed
  // Bytes of the weights and of the most activations that are alive at once (graph/footprint.h), at
  // the target's precision and batch.
  double memory = 0;
};

// What a result may cost at most; 0: no bound.
struct Bounds {
  double latency = 0;     // microseconds of one batch
  double throughput = 0;  // images a second, at least
  double size = 0;        // bytes
  double memory = 0;      // bytes

  bool any() const { return latency > 0 || throughput > 0 || size > 0 || memory > 0; }
  // Microseconds of one batch: the tighter of `latency` and what `throughput` leaves for a batch of
  // that many images. 0: neither is bounded.
  double MostLatency(int64_t batch) const;
};

// The network that is compiled for the target: quantized with made-up ranges when the target is
// INT8, else with batch-norm folded.
Network AsDeployed(const Network& network, const Target& target);

// Size and memory of a float network as the target will run it; its latency is left 0. Error
// (kModel): its shapes do not fit.
Expected<Usage> UsageOf(const Network& network, const Target& target);

// Bytes of the weights at the target's precision: the part of memory that adds up over the parts of
// a network. Error (kModel): its shapes do not fit.
Expected<double> WeightBytes(const Network& network, const Target& target);

// Says which bound the usage of a batch of that many images breaks ("takes 0.81 ms a batch of 1,
// more than 0.5 ms"); empty when it keeps all of them.
std::string BrokenBound(const Bounds& bounds, const Usage& usage, int64_t batch);

}  // namespace nacre
