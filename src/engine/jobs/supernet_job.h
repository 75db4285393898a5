// A super-network: its training, and the figures of its sub-networks.
#pragma once

#include <string>
#include <vector>

#include "cost/usage.h"
#include "engine/jobs/teacher_job.h"
#include "engine/worker.h"
#include "graph/elastic.h"

namespace nacre {

struct SupernetJob {
  ArtifactHash network;  // with batch-norm; its weights rank the channels
  StoredAnswers answers;
  std::string train;  // data set
  double epochs = 0;
  ElasticOptions elastic;
  uint64_t seed = 0;
  Seconds limit{0};  // it is shortened so that it ends within this; 0: none
};

// Kind "supernet". Artifact: the network with its new weights.
JobSpec SupernetSpec(const SupernetJob& job);
struct TrainedSupernet {
  ArtifactHash network;
  double loss = 0, images_per_second = 0;
};
TrainedSupernet ReadSupernet(const JobResult& result);

struct SubnetJob {
  ArtifactHash supernet, network;  // as trained, and the one whose weights rank the channels
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

// The elasticity of a network, from memory where it was found before.
Expected<std::shared_ptr<const Elasticity>> ElasticityOf(const ArtifactHash& network,
                                                         const ElasticOptions& options,
                                                         Materials& materials);

Expected<JobResult> RunSupernet(const JobSpec& job, const Workplace& place);
Expected<JobResult> RunSubnet(const JobSpec& job, const Workplace& place);

}  // namespace nacre
