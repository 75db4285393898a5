#include "train/average.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "train/convert.h"

namespace nacre::train_internal {
namespace {

constexpr char kPrefix[] = "average:";  // of the averages in a training state

}  // namespace

void WeightAverage::Update(Module& module, int64_t step) {
  if (decay_ <= 0) return;
  const at::NoGradGuard no_grad;
  const auto t = static_cast<double>(step);
  const double decay = std::min(decay_, (1 + t) / (10 + t));
  for (const Parameter& parameter : module.parameters())
    Mix(parameter.name, parameter.tensor, decay);
  for (const auto& [name, tensor] : module.Buffers()) {
    if (tensor.scalar_type() == at::kFloat) Mix(name, tensor, decay);
  }
}

void WeightAverage::Mix(const std::string& name, const at::Tensor& tensor, double decay) {
  const auto [entry, fresh] = tensors_.try_emplace(name);
  if (fresh) {
    entry->second = tensor.detach().clone();
  } else {
    entry->second.mul_(decay).add_(tensor.detach(), 1 - decay);
  }
}

void WeightAverage::Save(SafeTensors& state) const {
  for (const auto& [name, tensor] : tensors_) state.tensors[kPrefix + name] = FromTorch(tensor);
}

void WeightAverage::Restore(const SafeTensors& state) {
  for (const auto& [name, tensor] : state.tensors) {
    if (name.starts_with(kPrefix)) tensors_[name.substr(sizeof(kPrefix) - 1)] = ToTorch(tensor);
  }
}

}  // namespace nacre::train_internal
