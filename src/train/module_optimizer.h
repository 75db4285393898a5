// ModuleOptimizer: a module's parameters with the optimizers that move them. Private to train/.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/expected.h"
#include "train/module.h"
#include "train/optimizer.h"
#include "train/safetensors.h"
#include "train/train.h"

namespace nacre::train_internal {

// Muon moves weights. Adam moves the quantizers' scales: it brings gradients of whatever size to
// one, which LSQ's scale of them is for (decision 8).
class ModuleOptimizer {
 public:
  ModuleOptimizer(const std::vector<Parameter>& parameters, const OptimizerOptions& options);

  // One step by the gradients, which it uses up; `cycle` is a share of the peak rates, in [0, 1].
  // With several parts each is to be called once, in any order or at the same time.
  void Step(double cycle, int part = 0, int parts = 1);

  // Fake quantisation begins with the next step: the scales are to be chosen first.
  bool ScalesAreNew() const { return !scales_.empty() && !scales_restored_; }

  // Optimizer state, and the quantizers' scales, which no network holds.
  void Save(SafeTensors& state) const;
  // A state without scales is of training in floats, so that fake quantisation begins here. Error
  // (kData) names what the state lacks.
  Expected<void> Restore(const SafeTensors& state);

 private:
  using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;
  // What Save writes, by name; the tensors are shared.
  NamedTensors StateOfWeights() const;
  NamedTensors StateOfScales() const;

  OptimizerOptions options_;
  std::vector<Parameter> weights_, scales_;
  Muon muon_;
  Adam adam_;
  bool scales_restored_ = false;
};

}  // namespace nacre::train_internal
