#include "train/replicas.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <numeric>

namespace nacre::train_internal {
namespace {

int ReplicasFor(int threads, int64_t batch) {
  return static_cast<int>(
      std::clamp<int64_t>(batch / Replicas::kLeastImages, 1, std::max(1, threads)));
}

// In the order of their names, which is that of all replicas.
std::vector<at::Tensor> Buffers(const Module& module) {
  std::vector<at::Tensor> buffers;
  for (const auto& [name, tensor] : module.Buffers()) {
    if (tensor.is_floating_point()) buffers.push_back(tensor);
  }
  return buffers;
}

}  // namespace

Replicas::Replicas(Module module, int threads, int64_t batch)
    : batch_(batch),
      threads_(std::max(1, threads / ReplicasFor(threads, batch))),
      crew_(ReplicasFor(threads, batch)) {
  modules_.push_back(std::move(module));
  while (static_cast<int>(modules_.size()) < crew_.members())
    modules_.push_back(modules_.front().Twin());
}

double Replicas::Differentiate(const Loss& loss, int64_t most) {
  std::vector<double> losses(modules_.size());
  crew_.Each([&](int member) {
    at::set_num_threads(threads_);
    const int64_t begin = batch_ * member / crew_.members();
    const int64_t end = batch_ * (member + 1) / crew_.members();
    const int64_t pieces = (end - begin + most - 1) / most;
    for (int64_t piece = 0; piece < pieces; ++piece) {
      const auto cut = [&](int64_t at) { return begin + (end - begin) * at / pieces; };
      const at::Tensor own =
          loss(modules_[static_cast<size_t>(member)], cut(piece), cut(piece + 1));
      own.backward();
      losses[static_cast<size_t>(member)] += own.item<double>();
    }
  });
  crew_.Each([&](int part) { AddGradients(part); });
  AverageBuffers();
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

void Replicas::Each(const std::function<void(int, int)>& work) {
  crew_.Each([&](int part) { work(part, crew_.members()); });
}

void Replicas::AddGradients(int part) {
  const at::NoGradGuard no_grad;
  for (size_t i = static_cast<size_t>(part); i < first().parameters().size();
       i += modules_.size()) {
    at::Tensor& sum = first().parameters()[i].tensor.mutable_grad();
    for (size_t k = 1; k < modules_.size(); ++k) {
      at::Tensor& gradient = modules_[k].parameters()[i].tensor.mutable_grad();
      if (!gradient.defined()) continue;
      sum = sum.defined() ? sum.add_(gradient) : gradient;
      gradient = at::Tensor();
    }
  }
}

void Replicas::AverageBuffers() {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> mean = Buffers(first());
  if (mean.empty() || modules_.size() == 1) return;
  for (size_t k = 1; k < modules_.size(); ++k) at::_foreach_add_(mean, Buffers(modules_[k]), 1);
  at::_foreach_mul_(mean, 1 / static_cast<double>(modules_.size()));
  ShareBuffers();
}

void Replicas::ShareBuffers() {
  const at::NoGradGuard no_grad;
  const std::vector<at::Tensor> shared = Buffers(first());
  for (size_t k = 1; k < modules_.size() && !shared.empty(); ++k) {
    std::vector<at::Tensor> own = Buffers(modules_[k]);
    at::_foreach_copy_(own, shared);
  }
}

}  // namespace nacre::train_internal
