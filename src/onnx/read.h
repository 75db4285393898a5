// From one ModelProto to one Network, before folding. Private to onnx/.
#pragma once

#include <filesystem>

#include "graph/network.h"
#include "onnx/proto.h"

namespace nacre::onnx_internal {

// Consumes the weights of `model`. The result has the opset of the file and understood nodes of
// opset 17.
Expected<Network> ReadModel(proto::ModelProto& model, const std::filesystem::path& folder);

// 17 where that leaves the meaning of every opaque node as it is, else the opset of the file.
int SettleOpset(const Network& network);

}  // namespace nacre::onnx_internal
