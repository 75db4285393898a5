// Weights that lie in files beside the model. Private to onnx/.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "base/expected.h"
#include "onnx/proto.h"

namespace nacre::onnx_internal {

// The bytes that `tensor` points to; the file is looked for under `folder` and never outside it.
// Errors (kModel) name the file and the cure.
Expected<std::vector<std::byte>> ReadExternalData(const proto::TensorProto& tensor,
                                                  const std::filesystem::path& folder);

// Moves external data of a tensor that stays a protobuf message (inside opaque nodes) into its
// raw_data.
Expected<void> InlineExternalData(proto::TensorProto& tensor, const std::filesystem::path& folder);
Expected<void> InlineExternalData(proto::NodeProto& node, const std::filesystem::path& folder);

}  // namespace nacre::onnx_internal
