#include "train/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

namespace nacre {
namespace {

std::vector<at::Tensor> Leaves(const std::vector<Parameter>& parameters) {
  std::vector<at::Tensor> leaves;
  for (const Parameter& parameter : parameters) leaves.push_back(parameter.tensor);
  return leaves;
}

std::vector<at::Tensor> ZerosLike(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> zeros;
  for (const at::Tensor& tensor : tensors) zeros.push_back(at::zeros_like(tensor.detach()));
  return zeros;
}

// The gradients, taken away from their parameters; zeros where none reached one.
std::vector<at::Tensor> TakeGradients(std::vector<at::Tensor>& parameters) {
  std::vector<at::Tensor> gradients;
  for (at::Tensor& parameter : parameters) {
    at::Tensor& gradient = parameter.mutable_grad();
    gradients.push_back(gradient.defined() ? gradient : at::zeros_like(parameter.detach()));
    gradient = at::Tensor();
  }
  return gradients;
}

}  // namespace

Sgd::Sgd(const std::vector<Parameter>& parameters, double momentum, double weight_decay)
    : parameters_(Leaves(parameters)), buffers_(ZerosLike(parameters_)), momentum_(momentum),
      weight_decay_(weight_decay) {
  for (const Parameter& parameter : parameters) decay_.push_back(parameter.decay);
}

void Sgd::Step(double learning_rate) {
  const at::NoGradGuard no_grad;
  if (parameters_.empty()) return;
  std::vector<at::Tensor> gradients = TakeGradients(parameters_);
  for (size_t i = 0; i < gradients.size(); ++i) {
    if (decay_[i]) gradients[i].add_(parameters_[i], weight_decay_);
  }
  at::_foreach_mul_(buffers_, momentum_);
  at::_foreach_add_(buffers_, gradients, 1);
  at::_foreach_add_(gradients, buffers_, momentum_);
  at::_foreach_add_(parameters_, gradients, -learning_rate);
}

Adam::Adam(const std::vector<Parameter>& parameters)
    : parameters_(Leaves(parameters)), first_(ZerosLike(parameters_)), second_(ZerosLike(parameters_)) {}

void Adam::Step(double learning_rate) {
  constexpr double kBeta1 = 0.9, kBeta2 = 0.99, kEpsilon = 1e-8;
  const at::NoGradGuard no_grad;
  if (parameters_.empty()) return;
  ++step_;
  const std::vector<at::Tensor> gradients = TakeGradients(parameters_);
  at::_foreach_mul_(first_, kBeta1);
  at::_foreach_add_(first_, gradients, 1 - kBeta1);
  at::_foreach_mul_(second_, kBeta2);
  at::_foreach_addcmul_(second_, gradients, gradients, 1 - kBeta2);
  const double first_share = 1 - std::pow(kBeta1, static_cast<double>(step_));
  const double second_share = 1 - std::pow(kBeta2, static_cast<double>(step_));
  std::vector<at::Tensor> denominators = at::_foreach_div(second_, second_share);
  at::_foreach_sqrt_(denominators);
  at::_foreach_add_(denominators, kEpsilon);
  at::_foreach_addcdiv_(parameters_, first_, denominators, -learning_rate / first_share);
}

}  // namespace nacre
