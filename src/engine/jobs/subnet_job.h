// A sub-network of a trained super-network, and its figures.
#pragma once

#include <string>
#include <vector>

#include "cost/usage.h"
#include "engine/worker.h"
#include "graph/elastic.h"
#include "target/target.h"

namespace nacre {

struct SubnetJob {
  ArtifactHash supernet, ranking;  // as trained, and the one whose weights rank the channels
  ArtifactHash int8;               // the quantized original, which latencies are compared with
  std::vector<int> genes;
  ElasticOptions elastic;
  std::string train, validation;  // data sets: of batch-norm, and of the accuracy
  Target target;
  std::string fingerprint;  // of the machine and the target
  uint64_t seed = 0;
};

// Kind "subnet", which a run survives: accuracy with batch-norm recalibrated, and measured latency.
JobSpec SubnetSpec(const SubnetJob& job);
struct SubnetFigures {
  double accuracy = 0;    // of the float network
  double over_first = 0;  // how many times as fast as the quantized original
  Usage usage;            // its latency is the caller's to fill in
  int64_t macs = 0, parameters = 0;
};
SubnetFigures ReadSubnet(const JobResult& result);

// The sub-network with batch-norm recalibrated.
Expected<Network> MakeSubnet(const SubnetJob& job, Materials& materials);

Expected<JobResult> RunSubnet(const JobSpec& job, const Workplace& place);

}  // namespace nacre
