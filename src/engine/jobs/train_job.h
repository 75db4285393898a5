// Training of a whole candidate network by the teacher's answers, in segments, so that a kill loses
// one segment at most; and recalibration of its batch normalization alone.
#pragma once

#include <map>
#include <string>

#include "engine/jobs/teacher_job.h"
#include "engine/worker.h"
#include "quantize/quantize.h"

namespace nacre {

// One segment: updates from `begin` to `end` of the `total` of the training.
struct TrainJob {
  std::string name;      // of the training, for curves and progress
  ArtifactHash network;  // as the segment before left it
  ArtifactHash state;    // of the optimizer, from the segment before; empty: the first
  StoredAnswers answers;
  std::string train, validation;  // data sets
  double epochs = 0;              // of the whole training
  double rate = 1;                // of the trainer's rates
  int64_t begin = 0, end = 0, total = 0;
  int weight_bits = 0;  // under fake quantisation; 0: in floats
  uint64_t seed = 0;
  Seconds limit{0};  // the whole training is shortened so that it ends within this; 0: none
};

// Kind "train". Artifacts: network, state. The validation accuracy is there when it was the last.
JobSpec TrainSpec(const TrainJob& job);

struct TrainedSegment {
  ArtifactHash network, state;
  bool last = false;
  double accuracy = 0;  // top-1 on the validation set, of the last
  double images_per_second = 0;
  std::map<std::string, Range> ranges;  // of activations, of the last under fake quantisation
};
TrainedSegment ReadSegment(const JobResult& result);

// Kind "recalibrate": batch-norm statistics anew. Artifact: network. ReadSegment reads it, too.
JobSpec RecalibrateSpec(const ArtifactHash& network, const std::string& train,
                        const std::string& validation, uint64_t seed);

Expected<JobResult> RunTrain(const JobSpec& job, const Workplace& place);
Expected<JobResult> RunRecalibrate(const JobSpec& job, const Workplace& place);

}  // namespace nacre
