// Distillation of whole candidate networks: what tree search and final training share.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "pipeline/context.h"

namespace nacre {

// Fills context.teacher_outputs; as many augmented variants as a small share of the budget pays
// for.
Expected<void> PrepareTeacherOutputs(Context& context);

struct TrainedNetwork {
  std::string artifact;  // ONNX with batch-norm
  double accuracy = 0;   // top-1 on the validation set
  double images_per_second = 0;
  std::map<std::string, Range> ranges;  // of activations, where it ended under fake quantisation
};

struct Training {
  double epochs = 0;  // over the training set; 0 only recalibrates batch-norm
  double rate = 1;    // of the trainer's rates
  Seconds deadline{
      0};  // on the budget's clock; 0: none. A training that stands to miss it is shortened.
  // Asked once, before the last tenth: bits of weights for which it ends under fake quantisation
  // (decision 22), 0 for floats. Null: floats.
  std::function<Expected<int>(const Network&)> ends_with_bits;
};

// Distils `network` in segments, each a job of its own, so that a kill loses one segment at most.
// `name` names the training in the run.
Expected<TrainedNetwork> DistilNetwork(Context& context, const std::string& name,
                                       const Network& network, const Training& training);

}  // namespace nacre
