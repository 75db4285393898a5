// ONNX files to Network and back. Opset 11 to 21 of the default domain.
#pragma once

#include <filesystem>
#include <string>

#include "graph/network.h"

namespace nacre {

// Reads, normalises to opset-17 semantics, folds constants. What is not understood becomes an opaque node with a
// reason. Errors (kModel): not an ONNX file, truncated, opset outside 11..21, missing external data, no graph.
Expected<Network> ReadOnnx(const std::filesystem::path& path);
Expected<Network> ParseOnnx(const std::string& bytes, const std::string& what = "model",
                            const std::filesystem::path& folder = {});

// Serialises; output passes the ONNX checker. Opset: the network's own when it holds opaque nodes, else 17.
// `metadata` goes to metadata_props. Deterministic.
std::string SerializeOnnx(const Network& network);
Expected<void> WriteOnnx(const Network& network, const std::filesystem::path& path);

}  // namespace nacre
