// INT8 for the original and for finalists.
#pragma once

#include <map>
#include <string>

#include "engine/worker.h"
#include "quantize/quantize.h"
#include "target/target.h"

namespace nacre {

// Kind "quantize": post-training INT8 of a float network, nothing guarded. Artifact: the network.
JobSpec QuantizeSpec(const ArtifactHash& network, const std::string& calibration, int weight_bits);

struct Int8Job {
  std::string name;                            // of the network, for progress
  ArtifactHash network;                        // float, batch-norm folded
  std::string train, validation, calibration;  // data sets
  double reference = 0;                // top-1 of the float network on the validation images
  std::map<std::string, Range> known;  // of activations; not empty: it was trained for INT8
  int weight_bits = 8;
  Target target;
  std::string fingerprint;  // of the machine and the target
  uint64_t seed = 0;
  Seconds limit{0};  // for tuning; little time: it is not tuned
};

// Kind "int8": within a loss of accuracy (quantize/int8.h). Artifact: the network.
JobSpec Int8Spec(const Int8Job& job);
struct Int8Figures {
  ArtifactHash network;
  double accuracy = 0;    // on the validation images
  size_t kept_float = 0;  // layers
  bool tuned = false;
};
Int8Figures ReadInt8(const JobResult& result);

// Kind "int8-loss": what post-training INT8 costs a network; `reference`, `known` and `limit` of
// the job are not used.
JobSpec Int8LossSpec(const Int8Job& job);
double ReadInt8Loss(const JobResult& result);  // of top-1, as a fraction

Expected<JobResult> RunQuantize(const JobSpec& job, const Workplace& place);
Expected<JobResult> RunInt8(const JobSpec& job, const Workplace& place);
Expected<JobResult> RunInt8Loss(const JobSpec& job, const Workplace& place);

}  // namespace nacre
