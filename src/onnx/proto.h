// The protobuf messages, under a short name. Private to onnx/.
#pragma once

#include <string>

#include "nacre_onnx.pb.h"

namespace nacre::onnx_internal::proto {

using nacre_onnx::AttributeProto;
using nacre_onnx::FunctionProto;
using nacre_onnx::GraphProto;
using nacre_onnx::ModelProto;
using nacre_onnx::NodeProto;
using nacre_onnx::TensorProto;
using nacre_onnx::TypeProto;
using nacre_onnx::ValueInfoProto;

// "ai.onnx" is another spelling of the default domain.
inline std::string Domain(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

}  // namespace nacre::onnx_internal::proto
