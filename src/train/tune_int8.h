// Quantisation-aware distillation: what post-training INT8 loses is trained back, with the float
// network as teacher (decision 8).
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "base/expected.h"
#include "data/image_set.h"
#include "graph/network.h"
#include "quantize/int8.h"
#include "train/compute.h"

namespace nacre {

struct TuneOptions {
  const ImageSet* images = nullptr;  // to train on; labels are not used
  AnswerForm form;
  int weight_bits = 8;            // from 2 to 8, as the target multiplies them
  Seconds seconds{60};            // for all: teacher outputs and training
  Compute compute{.threads = 1};  // bf16 has no effect: fake quantisation is trained in float
  uint64_t seed = 0;
  std::function<bool(double)> progress;  // share done; false interrupts
};

// The network after training under fake quantisation of weights and activations (LSQ, arXiv
// 1902.08153): float weights, which quantizing rounds as training did, and the ranges of
// activations that go with them. Errors: kUsage (fewer seconds than a few batches take, or
// train/compute.h), kInterrupted, and those of Train and PrecomputeTeacher. Not thread-safe.
Expected<Tuned> TuneForInt8(const Network& network, const TuneOptions& options);

}  // namespace nacre
