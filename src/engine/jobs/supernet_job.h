// A super-network: its training, in segments.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/jobs/teacher_job.h"
#include "engine/worker.h"
#include "graph/elastic.h"

namespace nacre {

struct SupernetJob {
  ArtifactHash ranking;  // network with batch-norm whose weights rank the channels
  ArtifactHash network;  // the same network with the weights to begin with
  ArtifactHash state;    // of the segment before; empty: this is the first one
  StoredAnswers answers;
  std::string train;  // data set
  double epochs = 0;  // of all segments together
  ElasticOptions elastic;
  std::vector<int> most;  // genes that no sub-network goes beyond
  double until = 1;       // share of the schedule after which the segment ends at the latest
  int64_t end = 0;        // step after which it does; 0: none
  uint64_t seed = 0;
  Seconds limit{0};  // all that is left is shortened so that it ends within this; 0: none
};

// Kind "supernet". Artifacts: the network with its new weights, and the state to go on from.
JobSpec SupernetSpec(const SupernetJob& job);
struct SupernetSegment {
  ArtifactHash network;
  ArtifactHash state;   // of no use where the schedule has ended
  double fraction = 1;  // of the schedule that is done
  int64_t steps = 0;    // since its beginning
  double loss = 0, images_per_second = 0;
};
SupernetSegment ReadSupernet(const JobResult& result);

// The elasticity of a network, from memory where it was found before.
Expected<std::shared_ptr<const Elasticity>> ElasticityOf(const ArtifactHash& network,
                                                         const ElasticOptions& options,
                                                         Materials& materials);

Expected<JobResult> RunSupernet(const JobSpec& job, const Workplace& place);

}  // namespace nacre
