// Quantisation-aware distillation: what post-training INT8 loses is trained back, with the float
// network as teacher.
#pragma once

#include <functional>

#include "base/clock.h"
#include "data/image_set.h"
#include "graph/network.h"
#include "quantize/int8.h"
#include "train/compute.h"

namespace nacre {

struct TuneOptions {
  const ImageSet* images = nullptr;  // to train on; labels are not looked at
  int weight_bits = 8;
  Seconds seconds{60};  // for all: teacher outputs and training
  Compute compute{.threads = 1};
  uint64_t seed = 0;
  std::function<bool(double)> progress;  // share done; false interrupts
};

// The network trained under fake quantisation of weights and activations (LSQ; decision 8): float
// weights, which quantizing rounds as training did, and the ranges of activations that go with
// them. Errors: kUsage (less time than a few batches take), kInterrupted, and the trainer's.
Expected<Tuned> TuneForInt8(const Network& network, const TuneOptions& options);

}  // namespace nacre
