// Calls of functions that the file itself defines are replaced by the functions' bodies.
// Private to onnx/.
#pragma once

#include "base/expected.h"
#include "onnx/proto.h"

namespace nacre::onnx_internal {

// Inner values get names of their own. Errors (kModel): functions that call themselves, or that are
// written against another opset than the model.
Expected<void> InlineFunctions(proto::ModelProto& model);

}  // namespace nacre::onnx_internal
