// Training of a whole network from labels, from a teacher's outputs, or from both. Torch is behind
// it and none of it in this header. Not thread-safe; uses `compute.threads` threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/expected.h"
#include "data/image_set.h"
#include "graph/network.h"
#include "task/answer_form.h"
#include "train/augmentation.h"
#include "train/compute.h"
#include "train/teacher.h"

namespace nacre {

// How parameters move: orthogonalised steps (Muon) for convolutions before a batch-norm, SGD with
// Nesterov's momentum for all others (decision 4). Rates are peaks of one cycle.
struct OptimizerOptions {
  double relative_rate = 0.035;  // of those convolutions: norm of a step over norm of the weights
  double learning_rate = 0.15;   // of all others
  double warm_up = 0.15;         // share of the steps over which rates rise; then they fall to zero
  double momentum = 0.9;
  double weight_decay = 5e-4;  // on weights of convolutions and linear layers only
  double clip = 5;             // longest gradient of what learning_rate drives; 0: no clipping
};

// What is minimised: (1 - distill) times cross-entropy with the labels, plus distill times
// temperature^2 times the divergence from the teacher (Hinton et al., arXiv 1503.02531), plus the
// hint.
struct LossOptions {
  AnswerForm form;  // one that is not labelled() is learned from a teacher alone
  double label_smoothing = 0;
  double distill = 0.9;  // share of the teacher's term, in [0, 1]; without a teacher it counts as 0
  double temperature = 4;
  // Weight of the squared error of what the classifier reads, over the variance of the teacher's
  // (FitNets, arXiv 1412.6550, at the end of the network as in SimKD, arXiv 2203.14001; decision
  // 11). It has no effect when the teacher's outputs lack features of the same width.
  double hint = 0;
};

struct TrainProgress {
  int64_t step = 0, steps = 0;  // taken, and expected in all; a deadline may make them fewer
  double loss = 0;              // mean over the last epoch, or over what there is of it
  double images_per_second = 0;
};

struct TrainOptions {
  double epochs = 10;  // may be a fraction
  int64_t batch = 128;
  OptimizerOptions optimizer;
  LossOptions loss;
  double average = 0;         // decay of the weights' exponential moving average per step; 0: none
  Augmentation augmentation;  // the teacher's outputs bring their own when they are given
  // Bits of weights, per channel, that pass through fake quantisation, together with activations of
  // 8 bits; the quantizers' scales are learned (LSQ, arXiv 1902.08153). 0: none. Neither bf16 nor
  // `average` can be combined with it.
  int weight_bits = 0;
  uint64_t seed = 0;
  Compute compute;
  Seconds deadline{0};  // on `clock`; 0: none. The schedule is shortened so that it ends there.
  const Clock* clock = nullptr;
  std::vector<double> pace;  // of an earlier call (TrainResult), to repeat what its deadline did
  // Called every few steps; false stops the training (kInterrupted).
  std::function<bool(const TrainProgress&)> progress;
  // Training returns after this step of the schedule, with a state to resume from; 0: at the end.
  int64_t stop_after = 0;
  std::string resume_state;  // as an earlier call returned it; empty: from the beginning
};

struct TrainResult {
  // With the trained weights; under fake quantisation, at the end, with what they are rounded to.
  Network network;
  // Lowest and highest value of every activation that was fake-quantised, by the value's name.
  std::map<std::string, std::pair<float, float>> ranges;
  // Optimizer state and position in the schedule, as safetensors; empty when the schedule has
  // ended.
  std::string state;
  int64_t steps = 0;    // since the beginning of the schedule
  double fraction = 1;  // of the schedule that is done
  // Share of the schedule before each step of this call, where the deadline made it shorter.
  std::vector<double> pace;
  double loss = 0;  // as in TrainProgress
  double images_per_second = 0;
};

// `teacher` may be null: then labels alone are learned. Errors: kUsage (train/compute.h), kData (no
// images; a state that is damaged or of another network), kModel (an operation that cannot be
// trained; labels or teacher outputs that do not fit the network), kInterrupted, kInternal (the
// training diverged; the message names the step). Throws std::logic_error for bf16 or an average
// under fake quantisation.
Expected<TrainResult> Train(const Network& network, const ImageSet& images,
                            const TeacherOutputs* teacher, const TrainOptions& options);

}  // namespace nacre
