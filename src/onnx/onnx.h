// ONNX files to Network and back. Opset 11 to 21 of the default domain.
//
// Reading. Nodes are brought to the meaning of opset 17 (src/onnx/raise*.cc hold one rule an
// operation), Constant nodes become initializers, calls of functions that the file defines are
// replaced by the functions' bodies, and constants are folded. A node that opset 17 or Network
// cannot say is opaque: `verbatim` is its NodeProto with the graphs inside it, `inputs` are the
// NodeProto's and then the names that those graphs capture, and `frozen_reason` names the
// operation, its domain, the opset and the cause. Weights keep their type; those of types that a
// Tensor cannot hold (strings, 4 bit, sparse) become opaque Constants. Every node gets a name of
// its own.
//
// Writing. Without opaque nodes the opset is 17. With them it is Network::opset, which the reader
// sets to 17 where that leaves the meaning of every opaque node as it is, else to the file's; the
// understood nodes are then said in that opset. An opaque node's inputs and outputs may have been
// renamed, but not added or removed. Dynamic dimensions keep their names; a leading one without is
// called "N".
//
// Thread-safe: all functions are pure, but for the files they read and write.
#pragma once

#include <filesystem>
#include <string>

#include "graph/network.h"

namespace nacre {

// Errors (kModel), one line with the cure: file missing or empty, not ONNX, truncated, opset
// outside 11 to 21, no nodes, external data missing, short or outside the model's folder, inputs or
// outputs that are not tensors, graph not sorted.
Expected<Network> ReadOnnx(const std::filesystem::path& path);
// The same from memory. `what` names the model in errors; `folder` is where external data lies.
Expected<Network> ParseOnnx(const std::string& bytes, const std::string& what = "model",
                            const std::filesystem::path& folder = {});

// Output passes the ONNX checker and is the same bytes for equal networks. `metadata` goes to
// metadata_props. Throws std::logic_error when the opset of the network's opaque nodes has no words
// for one of its understood nodes.
std::string SerializeOnnx(const Network& network);
// Its length in bytes. Weights that are not made yet (Tensor::Deferred) are not made for it.
int64_t SerializedSize(const Network& network);
// Writes beside `path` first, so that no half-written model is left. Errors: kUsage (cannot write
// there), kModel.
Expected<void> WriteOnnx(const Network& network, const std::filesystem::path& path);

}  // namespace nacre
