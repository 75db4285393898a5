// WeightAverage: the exponential moving average of a module's weights and buffers.
// Private to train/.
#pragma once

#include <map>
#include <string>

#include "train/module.h"
#include "train/safetensors.h"

namespace nacre::train_internal {

class WeightAverage {
 public:
  // Without a decay (0) nothing is averaged.
  explicit WeightAverage(double decay) : decay_(decay) {}

  // After step `step`, counted from 0. The decay starts low, so that the first weights are soon
  // forgotten.
  void Update(Module& module, int64_t step);
  // By name; empty without a decay.
  const std::map<std::string, at::Tensor>& tensors() const { return tensors_; }

  void Save(SafeTensors& state) const;
  void Restore(const SafeTensors& state);

 private:
  void Mix(const std::string& name, const at::Tensor& tensor, double decay);

  double decay_;
  std::map<std::string, at::Tensor> tensors_;
};

}  // namespace nacre::train_internal
