#include "train/module_optimizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "train/convert.h"

namespace nacre::train_internal {
namespace {

// Of the logarithms of the quantizers' scales: the better of the two rates that decision 8
// compares.
constexpr double kScaleRate = 0.01;
// Steps that have moved the scales, in a training state. States of other versions have it, too.
constexpr char kScaleSteps[] = "steps taken";

std::vector<Parameter> Select(const std::vector<Parameter>& parameters, bool scales) {
  std::vector<Parameter> selected;
  std::copy_if(parameters.begin(), parameters.end(), std::back_inserter(selected),
               [scales](const Parameter& each) { return each.quantizer_scale == scales; });
  return selected;
}

}  // namespace

ModuleOptimizer::ModuleOptimizer(const std::vector<Parameter>& parameters,
                                 const OptimizerOptions& options)
    : options_(options),
      weights_(Select(parameters, false)),
      scales_(Select(parameters, true)),
      muon_(weights_, options.momentum, options.weight_decay, options.clip),
      adam_(scales_) {}

void ModuleOptimizer::Step(double cycle, int part, int parts) {
  muon_.Step(cycle * options_.relative_rate, cycle * options_.learning_rate, part, parts);
  if (part == 0) adam_.Step(cycle * kScaleRate);
}

ModuleOptimizer::NamedTensors ModuleOptimizer::StateOfWeights() const {
  NamedTensors state;
  for (size_t i = 0; i < weights_.size(); ++i)
    state.emplace_back("momentum:" + weights_[i].name, muon_.momentum_buffers()[i]);
  return state;
}

ModuleOptimizer::NamedTensors ModuleOptimizer::StateOfScales() const {
  NamedTensors state;
  for (size_t i = 0; i < scales_.size(); ++i) {
    state.emplace_back(scales_[i].name, scales_[i].tensor);
    state.emplace_back("first:" + scales_[i].name, adam_.first()[i]);
    state.emplace_back("second:" + scales_[i].name, adam_.second()[i]);
  }
  return state;
}

void ModuleOptimizer::Save(SafeTensors& state) const {
  for (const auto& [name, tensor] : StateOfWeights()) state.tensors[name] = FromTorch(tensor);
  for (const auto& [name, tensor] : StateOfScales()) state.tensors[name] = FromTorch(tensor);
  if (!scales_.empty()) state.metadata[kScaleSteps] = std::to_string(adam_.steps());
}

Expected<void> ModuleOptimizer::Restore(const SafeTensors& state) {
  const at::NoGradGuard no_grad;
  const auto steps = state.metadata.find(kScaleSteps);
  scales_restored_ = steps != state.metadata.end();
  NamedTensors wanted = StateOfWeights();
  if (scales_restored_) {
    for (const auto& each : StateOfScales()) wanted.push_back(each);
    adam_.ResumeAfter(std::stoll(steps->second));
  }
  for (const auto& [name, tensor] : wanted) {
    const auto found = state.tensors.find(name);
    if (found == state.tensors.end())
      return Fail(ErrorKind::kData, "the training state is of another network: it lacks " + name);
    tensor.copy_(ToTorch(found->second));
  }
  return {};
}

}  // namespace nacre::train_internal
