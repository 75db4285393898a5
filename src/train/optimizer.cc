#include "train/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

namespace nacre::train_internal {
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

void Clip(std::vector<at::Tensor>& gradients, double longest) {
  double squares = 0;
  for (const at::Tensor& norm : at::_foreach_norm(gradients))
    squares += std::pow(norm.item<double>(), 2);
  const double norm = std::sqrt(squares);
  if (norm > longest) at::_foreach_mul_(gradients, longest / norm);
}

// Parameters that Muon leaves to SGD.
std::vector<Parameter> Rest(const std::vector<Parameter>& parameters) {
  std::vector<Parameter> rest;
  for (const Parameter& parameter : parameters) {
    if (parameter.scale_free == 0) rest.push_back(parameter);
  }
  return rest;
}

// All singular values of [groups, rows, columns] brought near one by a Newton-Schulz iteration, its
// coefficients those of Jordan et al.; three iterations leave those of a random matrix in about
// [0.3, 1.3].
at::Tensor Orthogonalised(at::Tensor x) {
  constexpr double kA = 3.4445;
  constexpr double kB = -4.7750;
  constexpr double kC = 2.0315;
  constexpr int kIterations = 3;
  const bool tall = x.size(1) > x.size(2);
  if (tall) x = x.transpose(1, 2);  // the smaller Gram matrix
  x = x / (at::linalg_vector_norm(x, 2, at::IntArrayRef{1, 2}, true) + 1e-7);
  for (int i = 0; i < kIterations; ++i) {
    const at::Tensor gram = at::bmm(x, x.transpose(1, 2));
    x = at::baddbmm(x, at::baddbmm(gram, gram, gram, kB, kC), x, kA, 1);
  }
  return tall ? x.transpose(1, 2) : x;
}

}  // namespace

Sgd::Sgd(const std::vector<Parameter>& parameters, double momentum, double weight_decay,
         double clip)
    : parameters_(Leaves(parameters)),
      buffers_(ZerosLike(parameters_)),
      momentum_(momentum),
      weight_decay_(weight_decay),
      clip_(clip) {
  for (const Parameter& parameter : parameters) decay_.push_back(parameter.decay);
}

void Sgd::Step(double learning_rate) {
  const at::NoGradGuard no_grad;
  if (parameters_.empty()) return;
  std::vector<at::Tensor> gradients = TakeGradients(parameters_);
  if (clip_ > 0) Clip(gradients, clip_);
  for (size_t i = 0; i < gradients.size(); ++i) {
    if (decay_[i]) gradients[i].add_(parameters_[i], weight_decay_);
  }
  at::_foreach_mul_(buffers_, momentum_);
  at::_foreach_add_(buffers_, gradients, 1);
  at::_foreach_add_(gradients, buffers_, momentum_);
  at::_foreach_add_(parameters_, gradients, -learning_rate);
}

Muon::Muon(const std::vector<Parameter>& parameters, double momentum, double weight_decay,
           double clip)
    : rest_(Rest(parameters), momentum, weight_decay, clip), momentum_(momentum) {
  size_t rest = 0;
  for (const Parameter& parameter : parameters) {
    if (parameter.scale_free == 0) {
      buffers_.push_back(rest_.momentum_buffers()[rest++]);
    } else {
      buffers_.push_back(at::zeros_like(parameter.tensor.detach()));
      matrices_.push_back({parameter.tensor, buffers_.back(), parameter.scale_free});
    }
  }
}

void Muon::Step(double relative, double other, int part, int parts) {
  if (part == 0) rest_.Step(other);
  const at::NoGradGuard no_grad;
  for (size_t i = static_cast<size_t>(part); i < matrices_.size(); i += static_cast<size_t>(parts))
    Update(matrices_[i], relative);
}

void Muon::Update(Matrix& matrix, double relative) const {
  at::Tensor& gradient = matrix.weight.mutable_grad();
  if (!gradient.defined()) return;
  matrix.momentum.mul_(momentum_).add_(gradient);
  const at::Tensor direction = gradient.add(matrix.momentum, momentum_).contiguous();
  gradient = at::Tensor();
  const int64_t out = matrix.weight.size(0);
  const at::Tensor update =
      Orthogonalised(direction.reshape({matrix.groups, out / matrix.groups, -1}));
  // The update gets the norm of the weights, whatever their shape; the weights are first brought
  // back to theirs, the square root of the output channels.
  const int64_t rank = matrix.groups * std::min(update.size(1), update.size(2));
  const double norm = std::sqrt(static_cast<double>(out));
  const double scale = std::sqrt(static_cast<double>(out) / static_cast<double>(rank));
  matrix.weight.mul_(norm / matrix.weight.norm().add_(1e-9));
  matrix.weight.sub_(update.reshape(matrix.weight.sizes()), relative * scale);
}

Adam::Adam(const std::vector<Parameter>& parameters)
    : parameters_(Leaves(parameters)),
      first_(ZerosLike(parameters_)),
      second_(ZerosLike(parameters_)) {}

void Adam::Step(double learning_rate) {
  constexpr double kBeta1 = 0.9;
  constexpr double kBeta2 = 0.99;
  constexpr double kEpsilon = 1e-8;
  const at::NoGradGuard no_grad;
  if (parameters_.empty()) return;
  ++steps_;
  const std::vector<at::Tensor> gradients = TakeGradients(parameters_);
  at::_foreach_mul_(first_, kBeta1);
  at::_foreach_add_(first_, gradients, 1 - kBeta1);
  at::_foreach_mul_(second_, kBeta2);
  at::_foreach_addcmul_(second_, gradients, gradients, 1 - kBeta2);
  const double first_share = 1 - std::pow(kBeta1, static_cast<double>(steps_));
  const double second_share = 1 - std::pow(kBeta2, static_cast<double>(steps_));
  std::vector<at::Tensor> denominators = at::_foreach_div(second_, second_share);
  at::_foreach_sqrt_(denominators);
  at::_foreach_add_(denominators, kEpsilon);
  at::_foreach_addcdiv_(parameters_, first_, denominators, -learning_rate / first_share);
}

}  // namespace nacre::train_internal
