// The operations that `Network` understands, with ONNX opset-17 semantics. All others are opaque
// nodes.
#pragma once

#include <string>
#include <vector>

#include "graph/network.h"

namespace nacre {

// Whether an operation of the default domain has a shape rule here.
bool IsUnderstood(const std::string& op);

// All of them, sorted.
std::vector<std::string> UnderstoodOperations();

// Empty when `node` is understood as it stands; else one sentence that says why it must be frozen:
// another domain, an unknown operation, or a setting of a known one that is outside opset 17 or of
// no use in inference (batch-norm in training mode, sparse constants, blocked quantisation, axes of
// Pad or ReduceMean as an input, ...).
std::string WhyNotUnderstood(const Node& node);

}  // namespace nacre
