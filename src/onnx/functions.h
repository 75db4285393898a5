// Internal to onnx/: calls of functions that the file itself defines are replaced by the functions'
// bodies.
#pragma once

#include "base/expected.h"
#include "onnx/proto.h"

namespace nacre {

// Inner values get names of their own. Errors (kModel): functions that call themselves, or that are
// written against another opset than the model.
Expected<void> InlineFunctions(proto::ModelProto& model);

}  // namespace nacre
