// Distillation of whole candidate networks: what tree search and final training share.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "engine/jobs/train_job.h"
#include "pipeline/ingest.h"

namespace nacre {

struct TrainedNetwork {
  ArtifactHash network;                 // with batch-norm
  double accuracy = 0;                  // top-1 on the validation set
  double images_per_second = 0;         // 0: it was recalibrated only
  std::map<std::string, Range> ranges;  // of activations, where it ended under fake quantisation
};

struct Training {
  double epochs = 0;    // over the training set; 0 only recalibrates batch-norm
  double rate = 1;      // of the trainer's rates
  Seconds deadline{0};  // on the budget's clock; 0: none. A training that is late is shortened.
  // Asked once, before the last updates: bits of weights for which the training ends under fake
  // quantisation (decision 22), 0 for floats. Null: floats.
  std::function<Expected<int>(const ArtifactHash&)> ends_with_bits;
};

class NetworkTrainer {
 public:
  // All must outlive it.
  NetworkTrainer(RunServices& run, const Ingested& in, const StoredAnswers& answers)
      : run_(run), in_(in), answers_(answers) {}

  // In segments, each a job of its own, so that a kill loses one segment at most. `name`: of the
  // training, for people. A failure is recorded where the run survives it.
  Expected<TrainedNetwork> Train(const std::string& name, const ArtifactHash& network,
                                 const Training& training);

 private:
  Expected<TrainedNetwork> Recalibrate(const ArtifactHash& network);
  Expected<int> BitsOfEnd(const std::string& identity, const ArtifactHash& network,
                          const Training& training);

  RunServices& run_;
  const Ingested& in_;
  const StoredAnswers& answers_;
};

}  // namespace nacre
