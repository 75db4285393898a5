// Optimizers over a fixed list of parameters, in fused passes. Private to this room.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "train/module.h"

namespace nacre {

// Nesterov momentum (Sutskever et al., 2013, as in torch.optim.SGD); weight decay on weights with several dimensions only.
class Sgd {
 public:
  Sgd(const std::vector<Parameter>& parameters, double momentum, double weight_decay);
  // Uses up the gradients.
  void Step(double learning_rate);
  std::vector<at::Tensor>& momentum_buffers() { return buffers_; }

 private:
  std::vector<at::Tensor> parameters_, buffers_;
  std::vector<bool> decay_;
  double momentum_, weight_decay_;
};

// Adam (arXiv 1412.6980).
class Adam {
 public:
  explicit Adam(const std::vector<Parameter>& parameters);
  void Step(double learning_rate);

 private:
  std::vector<at::Tensor> parameters_, first_, second_;
  int64_t step_ = 0;
};

}  // namespace nacre
