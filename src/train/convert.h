// Tensors of nacre to tensors of torch and back. Private to train/.
#pragma once

#include <ATen/core/Tensor.h>

#include "graph/tensor.h"

namespace nacre::train_internal {

// Unsigned integers of more than 8 bits, which torch can hardly compute with, become the next wider
// signed ones. Throws std::runtime_error for an element type that torch lacks.
at::ScalarType TorchType(DataType type);

// A copy. Floats of four dimensions become channels-last. Throws std::runtime_error for an element
// type that torch lacks.
at::Tensor ToTorch(const Tensor& tensor);

// A copy as floats, row-major, whatever the type and the layout were.
Tensor FromTorch(const at::Tensor& tensor);

}  // namespace nacre::train_internal
