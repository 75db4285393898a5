// Optimizers over a fixed list of parameters, in fused passes over all of them. Private to train/.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "train/module.h"

namespace nacre::train_internal {

// Nesterov momentum (Sutskever et al., 2013, as in torch.optim.SGD). Weight decay applies to
// parameters that ask for it (Parameter::decay).
class Sgd {
 public:
  // `clip`: longest gradient of all parameters together (arXiv 1211.5063); 0: no clipping.
  Sgd(const std::vector<Parameter>& parameters, double momentum, double weight_decay,
      double clip = 0);
  // Uses up the gradients.
  void Step(double learning_rate);
  std::vector<at::Tensor>& momentum_buffers() { return buffers_; }

 private:
  std::vector<at::Tensor> parameters_, buffers_;
  std::vector<bool> decay_;
  double momentum_, weight_decay_, clip_;
};

// Orthogonal updates for convolutions before a batch-norm (Muon: Jordan et al., 2024; with weights
// kept at one norm as in "94 % on CIFAR-10 in 3.29 seconds", arXiv 2404.00498), Nesterov momentum
// for all others. The size of an update is relative to the weights, so one rate serves networks
// with any start weights. Decision 4 has what it gave.
class Muon {
 public:
  Muon(const std::vector<Parameter>& parameters, double momentum, double weight_decay,
       double clip = 0);
  // `relative` is the norm of an orthogonal update over the norm of its weights; `other` is the
  // learning rate of all other parameters. Uses up the gradients. With several parts each is to be
  // called once, in any order or at the same time.
  void Step(double relative, double other, int part = 0, int parts = 1);
  // Of all parameters, in their order.
  const std::vector<at::Tensor>& momentum_buffers() const { return buffers_; }

 private:
  struct Matrix {
    at::Tensor weight, momentum;
    int64_t groups;
  };
  void Update(Matrix& matrix, double relative) const;

  std::vector<Matrix> matrices_;
  std::vector<at::Tensor> buffers_;
  Sgd rest_;
  double momentum_;
};

// Adam (arXiv 1412.6980).
class Adam {
 public:
  explicit Adam(const std::vector<Parameter>& parameters);
  // Uses up the gradients.
  void Step(double learning_rate);
  // Averages of gradients and of their squares, in the parameters' order.
  const std::vector<at::Tensor>& first() const { return first_; }
  const std::vector<at::Tensor>& second() const { return second_; }
  int64_t steps() const { return steps_; }  // taken so far
  // After the averages have been restored.
  void ResumeAfter(int64_t steps) { steps_ = steps; }

 private:
  std::vector<at::Tensor> parameters_, first_, second_;
  int64_t steps_ = 0;
};

}  // namespace nacre::train_internal
