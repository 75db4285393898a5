// From bytes to a checked ModelProto. Private to onnx/.
#pragma once

#include <filesystem>
#include <string>

#include "onnx/nodes.h"
#include "onnx/proto.h"

namespace nacre::onnx_internal {

constexpr int64_t kOldestOpset = 7, kNewestOpset = 24, kOwnOpset = 17;

// Errors (kModel) name `what`: empty, not an ONNX file, truncated, no graph, opset outside 11..21.
Expected<proto::ModelProto> ParseModel(const std::string& bytes, const std::string& what);
Expected<proto::ModelProto> LoadModel(const std::filesystem::path& path);

// The default domain is "".
Opsets OpsetsOf(const proto::ModelProto& model);

}  // namespace nacre::onnx_internal
