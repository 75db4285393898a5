// One lowering per ONNX operation (opset 17). Private to this room.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/network.h"
#include "train/module.h"

namespace nacre {

// What a lowering sees of its node. Slots are -1 for optional inputs that are not given.
struct NodeView {
  const Node& node;
  std::vector<int> in, out;
  std::vector<bool> overwrite;  // inputs that the step may write its result into
  int weight_bits = 0;          // weights pass through so many; 0: floats
  int factor = -1;              // slot, where the weights' steps are learned
  bool bf16 = false;            // of a convolution: inputs and output
  bool relu =
      false;  // of a batch-norm: behind it, and behind the addition of input 5 (train/fuse.h)

  int In(size_t i) const { return i < in.size() ? in[i] : -1; }
};

using Lowering = Expected<Apply> (*)(const NodeView&);

// Lowerings by operation, one table a file.
const std::map<std::string, Lowering>& LayerOperators();        // Conv, Gemm, batch-norm, pooling
const std::map<std::string, Lowering>& ElementwiseOperators();  // activations and arithmetic
const std::map<std::string, Lowering>& ShapeOperators();        // views, joins, shape arithmetic

// Integers held in a tensor.
std::vector<int64_t> Integers(const at::Tensor& tensor);

// What sums over the tensor are given in: float for bfloat16, for all else as torch would have it.
inline std::optional<at::ScalarType> SumType(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kBFloat16 ? std::optional(at::kFloat) : std::nullopt;
}

}  // namespace nacre
