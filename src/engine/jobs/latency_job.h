// Latencies of whole networks on the target, interleaved in one measuring child.
#pragma once

#include <string>
#include <vector>

#include "engine/worker.h"
#include "target/measure.h"

namespace nacre {

// What is compiled: the network as it is; with its batch-norm folded; or as it would be deployed on
// the target, where made-up ranges do for INT8 (cost/objective.h, AsDeployed).
enum class TimedForm { kAsIs, kFolded, kDeployed };

struct LatencyJob {
  struct Entry {
    ArtifactHash network;
    TimedForm form = TimedForm::kAsIs;
    Precision precision = Precision::kInt8;
  };
  std::vector<Entry> networks;  // the first is what the others are compared with
  Target target;
  std::string fingerprint;  // of the machine and the target
  int rounds = 15;
  Seconds slice{0.02};
};

// Kind "latency", for the original, or "measure", for candidates, whose failure a run survives.
JobSpec LatencySpec(const LatencyJob& job);
JobSpec MeasureSpec(const LatencyJob& job);

struct NetworkLatency {
  Latency median{0};
  double over_first = 0;  // how many times as fast as the first, by paired rounds
};
std::vector<NetworkLatency> ReadLatencies(const JobResult& result);

// Kinds "latency" and "measure". Error (kTarget): one of the networks cannot be measured.
Expected<JobResult> RunLatency(const JobSpec& job, const Workplace& place);

}  // namespace nacre
