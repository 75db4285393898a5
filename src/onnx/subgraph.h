// Nodes that carry graphs (If, Loop, Scan) read values of the graph around them.
// Private to onnx/.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "onnx/proto.h"

namespace nacre::onnx_internal {

// Names that the graphs inside `node` read from outside, in order of first use.
std::vector<std::string> CapturedNames(const proto::NodeProto& node);

// Renames those: `names` maps old to new. Names that are declared inside stay.
void RenameCaptured(proto::NodeProto& node, const std::map<std::string, std::string>& names);

// Calls `visit` for `node` and for every node of the graphs inside it.
void VisitNodes(const proto::NodeProto& node,
                const std::function<void(const proto::NodeProto&)>& visit);

}  // namespace nacre::onnx_internal
