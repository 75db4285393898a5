// From NodeProto to Node and back. Private to onnx/.
#pragma once

#include <map>
#include <string>

#include "graph/network.h"
#include "onnx/external_data.h"
#include "onnx/proto.h"

namespace nacre::onnx_internal {

// Version of every domain that a file imports.
using Opsets = std::map<std::string, int64_t>;

// What an opaque node's file called the opset of each further domain it uses ("com.microsoft=1"):
// an attribute of the Node that is not part of the NodeProto.
constexpr char kOpsetImport[] = "nacre.opset_import";

// The node with its attributes. Nothing that a Network can hold (graphs, sparse tensors, odd
// types): Error, whose message is the reason for freezing it.
Expected<Node> DecodeNode(const proto::NodeProto& node, ExternalData& files);

// The opaque node. Its inputs are those of the NodeProto and then the names its graphs capture.
Expected<Node> FreezeNode(const proto::NodeProto& node, const std::string& reason,
                          const Opsets& opsets, ExternalData& files);

// An understood node, as it stands; or an opaque one, with its inputs and outputs renamed as they
// are now.
proto::NodeProto EncodeNode(const Node& node);

}  // namespace nacre::onnx_internal
