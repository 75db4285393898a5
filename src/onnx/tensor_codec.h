// From TensorProto to Tensor and back. Private to onnx/.
#pragma once

#include <string>

#include "base/expected.h"
#include "graph/tensor.h"
#include "onnx/external_data.h"
#include "onnx/proto.h"

namespace nacre::onnx_internal {

// Whether a Tensor can hold elements of this TensorProto.DataType (strings, complex numbers and
// types under 8 bit cannot be held).
bool IsHeld(int onnx_type);

// External data is read from `files`. Errors (kModel): type not held, bytes and shape do not fit,
// and those of ExternalData.
Expected<Tensor> DecodeTensor(const proto::TensorProto& tensor, ExternalData& files);

// Name, type and shape without the elements.
proto::TensorProto EncodeTensorType(const std::string& name, const Tensor& tensor);
proto::TensorProto EncodeTensor(const std::string& name, const Tensor& tensor);

}  // namespace nacre::onnx_internal
