#include "train/learner.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace nacre {
namespace {

constexpr double kStepRate = 0.01;  // of the logarithms of the quantizers' steps

std::vector<Parameter> Those(const std::vector<Parameter>& parameters, bool steps) {
  std::vector<Parameter> those;
  std::copy_if(parameters.begin(), parameters.end(), std::back_inserter(those),
               [steps](const Parameter& parameter) { return parameter.step == steps; });
  return those;
}

}  // namespace

Learner::Learner(const std::vector<Parameter>& parameters, const TrainOptions& options)
    : options_(options), weights_(Those(parameters, false)), quantizers_(Those(parameters, true)),
      muon_(weights_, options.momentum, options.weight_decay, options.clip), adam_(quantizers_) {}

void Learner::Step(double cycle, int part, int parts) {
  muon_.Step(cycle * options_.relative_rate, cycle * options_.learning_rate, part, parts);
  if (part == 0) adam_.Step(cycle * kStepRate);
}

std::vector<std::pair<std::string, at::Tensor>> Learner::State() const {
  std::vector<std::pair<std::string, at::Tensor>> state;
  for (size_t i = 0; i < weights_.size(); ++i) state.emplace_back("momentum:" + weights_[i].name, muon_.momentum_buffers()[i]);
  for (size_t i = 0; i < quantizers_.size(); ++i) {
    state.emplace_back(quantizers_[i].name, quantizers_[i].tensor);
    state.emplace_back("first:" + quantizers_[i].name, adam_.first()[i]);
    state.emplace_back("second:" + quantizers_[i].name, adam_.second()[i]);
  }
  return state;
}

void Learner::Save(SafeTensors& state) const {
  for (const auto& [name, tensor] : State()) state.tensors[name] = FromTorch(tensor);
}

Expected<void> Learner::Restore(const SafeTensors& state, int64_t step) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : State()) {
    const auto found = state.tensors.find(name);
    if (found == state.tensors.end()) return Fail(ErrorKind::kData, "the training state is of another network: it lacks " + name);
    tensor.copy_(ToTorch(found->second));
  }
  adam_.GoOnFrom(step);
  return {};
}

}  // namespace nacre
