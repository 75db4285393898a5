#include "train/operators.h"

#include <ATen/ATen.h>

#include <numeric>

namespace nacre::train_internal {

const Lowerings& AllOperators() {
  static const Lowerings all = [] {
    Lowerings joined;
    for (const Lowerings& family :
         {LayerOperators(), PoolOperators(), NormOperators(), ActivationOperators(),
          ArithmeticOperators(), ConditionOperators(), ReduceOperators(), ResizeOperators(),
          LayoutOperators(), SelectionOperators(), ConstantOperators(), QuantizationOperators()}) {
      joined.insert(family.begin(), family.end());
    }
    return joined;
  }();
  return all;
}

std::vector<int64_t> Integers(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.to(at::kLong).contiguous();
  const int64_t* data = plain.const_data_ptr<int64_t>();
  return {data, data + plain.numel()};
}

std::vector<int64_t> IntegersOr(const Frame& frame, int slot,
                                const std::vector<int64_t>& otherwise) {
  return slot >= 0 ? Integers(frame.values[slot]) : otherwise;
}

std::vector<int64_t> Axes(int64_t first, int64_t count) {
  std::vector<int64_t> axes(static_cast<size_t>(count));
  std::iota(axes.begin(), axes.end(), first);
  return axes;
}

at::Tensor AsFloat(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kBFloat16 ? tensor.to(at::kFloat) : tensor;
}

}  // namespace nacre::train_internal
