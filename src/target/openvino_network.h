// A compiled network of OpenVINO. This is the only header with OpenVINO types in it: only
// openvino*.cc include it. Private to target/. Not thread-safe.
#pragma once

#include <openvino/openvino.hpp>
#include <span>
#include <string>
#include <vector>

#include "target/target.h"

namespace nacre::target_internal {

class OpenVinoNetwork : public CompiledNetwork {
 public:
  // `inputs` and `outputs` as in CompileOnnx. Throws std::exception (OpenVINO's own, or when the
  // model has no value of such a name).
  OpenVinoNetwork(ov::CompiledModel compiled, const std::vector<std::string>& inputs,
                  const std::vector<std::string>& outputs);

  Expected<std::vector<Tensor>> Run(std::span<const Tensor> inputs) override;
  void RunOnce() override;

 private:
  void UsePreset();

  ov::CompiledModel compiled_;
  ov::InferRequest request_;
  std::vector<ov::Output<const ov::Node>> inputs_, outputs_;
  std::vector<ov::Tensor> preset_;  // what RunOnce reads; filled at its first call
  bool preset_in_use_ = false;
};

}  // namespace nacre::target_internal
