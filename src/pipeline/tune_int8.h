// Quantisation-aware distillation: what post-training INT8 loses is trained back, with the float network as teacher.
#pragma once

#include <functional>

#include "base/clock.h"
#include "dataset/image_set.h"
#include "graph/network.h"

namespace nacre {

struct TuneOptions {
  const ImageSet* images = nullptr;      // to train on; labels are not looked at
  int weight_bits = 8;
  Seconds seconds{60};                   // for all: teacher outputs and training
  int threads = 1;
  uint64_t seed = 0;
  std::function<bool(double)> progress;  // share done; false interrupts
};

// The network trained under fake quantisation of weights and activations (decision 8); float, to be quantized like any other.
// Errors: kUsage (less time than a few batches take), kInterrupted, and the trainer's.
Expected<Network> TuneForInt8(const Network& network, const TuneOptions& options);

}  // namespace nacre
