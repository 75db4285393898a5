#include "train/learner.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace nacre {
namespace {

constexpr double kStepRate = 0.01;             // of the logarithms of the quantizers' steps
constexpr char kStepsTaken[] = "steps taken";  // by what moves them

std::vector<Parameter> Those(const std::vector<Parameter>& parameters, bool steps) {
  std::vector<Parameter> those;
  std::copy_if(parameters.begin(), parameters.end(), std::back_inserter(those),
               [steps](const Parameter& parameter) { return parameter.step == steps; });
  return those;
}

}  // namespace

Learner::Learner(const std::vector<Parameter>& parameters, const TrainOptions& options)
    : options_(options),
      weights_(Those(parameters, false)),
      quantizers_(Those(parameters, true)),
      muon_(weights_, options.momentum, options.weight_decay, options.clip),
      adam_(quantizers_) {}

void Learner::Step(double cycle, int part, int parts) {
  muon_.Step(cycle * options_.relative_rate, cycle * options_.learning_rate, part, parts);
  if (part == 0) adam_.Step(cycle * kStepRate);
}

Learner::Named Learner::StateOfWeights() const {
  Named state;
  for (size_t i = 0; i < weights_.size(); ++i)
    state.emplace_back("momentum:" + weights_[i].name, muon_.momentum_buffers()[i]);
  return state;
}

Learner::Named Learner::StateOfSteps() const {
  Named state;
  for (size_t i = 0; i < quantizers_.size(); ++i) {
    state.emplace_back(quantizers_[i].name, quantizers_[i].tensor);
    state.emplace_back("first:" + quantizers_[i].name, adam_.first()[i]);
    state.emplace_back("second:" + quantizers_[i].name, adam_.second()[i]);
  }
  return state;
}

void Learner::Save(SafeTensors& state) const {
  for (const auto& [name, tensor] : StateOfWeights()) state.tensors[name] = FromTorch(tensor);
  for (const auto& [name, tensor] : StateOfSteps()) state.tensors[name] = FromTorch(tensor);
  if (!quantizers_.empty()) state.metadata[kStepsTaken] = std::to_string(adam_.taken());
}

Expected<void> Learner::Restore(const SafeTensors& state) {
  const at::NoGradGuard no_grad;
  const auto taken = state.metadata.find(kStepsTaken);
  restored_steps_ = taken != state.metadata.end();
  Named wanted = StateOfWeights();
  if (restored_steps_) {
    for (const auto& each : StateOfSteps()) wanted.push_back(each);
    adam_.GoOnFrom(std::stoll(taken->second));
  }
  for (const auto& [name, tensor] : wanted) {
    const auto found = state.tensors.find(name);
    if (found == state.tensors.end())
      return Fail(ErrorKind::kData, "the training state is of another network: it lacks " + name);
    tensor.copy_(ToTorch(found->second));
  }
  return {};
}

}  // namespace nacre
