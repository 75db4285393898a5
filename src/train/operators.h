// One lowering per ONNX operation (opset 17). To support another operation, add a function and a
// row of the table in one of the operators_*.cc. Private to train/.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/network.h"
#include "train/module.h"

namespace nacre::train_internal {

// What a lowering sees of its node. Slots are -1 for optional inputs and outputs that are not
// given.
struct NodeView {
  const Node& node;
  std::vector<int> in, out;     // slots
  std::vector<bool> overwrite;  // inputs that the operation may write its result into
  int weight_bits = 0;          // weights pass through fake quantisation of so many; 0: none
  int factor = -1;    // slot of the factors on the weights' scales, where they are learned
  bool bf16 = false;  // a convolution's inputs and output are bfloat16
  // A batch-norm is followed by a ReLU, behind the addition of input 5 (train/norm_chains.h).
  bool relu = false;

  int In(size_t i) const { return i < in.size() ? in[i] : -1; }
};

// Returns what the operation does in every run, or Error (kModel) with the reason why it cannot be
// trained.
using Lowering = Expected<Apply> (*)(const NodeView&);

// Lowerings by operation, one table a file.
const std::map<std::string, Lowering>& LayerOperators();        // Conv, Gemm, batch-norm, pooling
const std::map<std::string, Lowering>& ElementwiseOperators();  // activations and arithmetic
const std::map<std::string, Lowering>& ShapeOperators();        // views, joins, shape arithmetic

// Integers held in a tensor.
std::vector<int64_t> Integers(const at::Tensor& tensor);

// The type that sums over the tensor are given in: float for bfloat16, and torch's choice for all
// else.
inline std::optional<at::ScalarType> SumType(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kBFloat16 ? std::optional(at::kFloat) : std::nullopt;
}

}  // namespace nacre::train_internal
