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

using Lowerings = std::map<std::string, Lowering>;

// The families, one file each.
Lowerings LayerOperators();         // convolutions, matrix products, batch-norm
Lowerings PoolOperators();          // windows over the spatial axes, and global pooling
Lowerings NormOperators();          // normalisations without running statistics
Lowerings ActivationOperators();    // activations
Lowerings ArithmeticOperators();    // arithmetic on one and on several values
Lowerings ConditionOperators();     // comparisons, logic, Where
Lowerings ReduceOperators();        // reductions, and the positions of extremes
Lowerings ResizeOperators();        // resampling
Lowerings LayoutOperators();        // dimensions rearranged, every element kept
Lowerings SelectionOperators();     // parts taken, joined, repeated
Lowerings ConstantOperators();      // numbers out of shapes or of nothing, and Cast
Lowerings QuantizationOperators();  // QuantizeLinear, DequantizeLinear, in float

// All of them. These are the operations that OperationTraits calls trainable.
const Lowerings& AllOperators();

// Integers held in a tensor.
std::vector<int64_t> Integers(const at::Tensor& tensor);

// The type that sums over the tensor are given in: float for bfloat16, and torch's choice for all
// else.
inline std::optional<at::ScalarType> SumType(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kBFloat16 ? std::optional(at::kFloat) : std::nullopt;
}

// Sums, matrix products and normalisations are of floats: parameters are, whatever the convolutions
// before them computed in.
at::Tensor AsFloat(const at::Tensor& tensor);

// Undefined for -1, an optional input that is not given.
inline at::Tensor At(const Frame& frame, int slot) {
  return slot < 0 ? at::Tensor() : frame.values[slot];
}

// In [0, rank).
inline int64_t Wrap(int64_t axis, int64_t rank) { return axis < 0 ? axis + rank : axis; }

// Integers from input `slot`, or from an attribute where that input is not given.
std::vector<int64_t> IntegersOr(const Frame& frame, int slot,
                                const std::vector<int64_t>& otherwise);

// x[begin:end:step] along an axis, by the rules of ONNX Slice.
at::Tensor SliceAxis(const at::Tensor& x, int64_t axis, int64_t begin, int64_t end, int64_t step);

// `count` from `first` on.
std::vector<int64_t> Axes(int64_t first, int64_t count);

// y = F(x), and y = F(a, b).
template <at::Tensor (*F)(const at::Tensor&)>
Expected<Apply> LowerUnary(const NodeView& view) {
  const int x = view.In(0), y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = F(frame.values[x]); };
}

template <at::Tensor (*F)(const at::Tensor&, const at::Tensor&)>
Expected<Apply> LowerBinary(const NodeView& view) {
  const int a = view.In(0), b = view.In(1), y = view.out[0];
  return [=](Frame& frame) { frame.values[y] = F(frame.values[a], frame.values[b]); };
}

}  // namespace nacre::train_internal
