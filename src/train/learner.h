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

  // One step by the gradients, `cycle` of the peak rates; uses the gradients up. With several parts each is to be called once, in any
  // order or at the same time.
  void Step(double cycle, int part = 0, int parts = 1);
  bool learns_steps() const { return !quantizers_.empty(); }

  // Optimizer state, and the quantizers' steps, which no network holds.
  void Save(SafeTensors& state) const;
  // Error (kData) names what the state lacks.
  Expected<void> Restore(const SafeTensors& state, int64_t step);

 private:
  // What Save writes, by name.
  std::vector<std::pair<std::string, at::Tensor>> State() const;

  const TrainOptions& options_;
  std::vector<Parameter> weights_, quantizers_;
  Muon muon_;
  Adam adam_;  // of the quantizers' steps: it brings gradients of whatever size to one, as LSQ's scale of them is to do
};

}  // namespace nacre
