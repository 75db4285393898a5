// Learner: a module's parameters with the optimizers that move them. Private to this room.
#pragma once

#include <vector>

#include "train/module.h"
#include "train/optimizer.h"
#include "train/safetensors.h"
#include "train/trainer.h"

namespace nacre {

class Learner {
 public:
  Learner(const std::vector<Parameter>& parameters, const TrainOptions& options);

  // One step by the gradients, `cycle` of the peak rates; uses the gradients up. With several parts
  // each is to be called once, in any order or at the same time.
  void Step(double cycle, int part = 0, int parts = 1);
  // Under fake quantisation that begins now: the quantizers' steps are not known yet.
  bool StepsAreNew() const { return !quantizers_.empty() && !restored_steps_; }

  // Optimizer state, and the quantizers' steps, which no network holds.
  void Save(SafeTensors& state) const;
  // A state without quantizers' steps is of training in floats, so that fake quantisation begins
  // here. Error (kData) names what the state lacks.
  Expected<void> Restore(const SafeTensors& state);

 private:
  using Named = std::vector<std::pair<std::string, at::Tensor>>;
  // What Save writes, by name.
  Named StateOfWeights() const;
  Named StateOfSteps() const;

  const TrainOptions& options_;
  std::vector<Parameter> weights_, quantizers_;
  Muon muon_;
  Adam adam_;  // of the quantizers' steps: it brings gradients of whatever size to one, as LSQ's
               // scale of them is to do
  bool restored_steps_ = false;
};

}  // namespace nacre
