// Which opset a network with opaque nodes is written in.
#include <map>
#include <string>

#include "onnx/file.h"
#include "onnx/read.h"
#include "onnx/subgraph.h"

namespace nacre::onnx_internal {
namespace {

// Operations whose meaning in opset 17 differs from that in `opset` (7 to 16) for a node valid
// there.
bool MeansElseIn17(const std::string& op, int opset) {
  static const std::map<std::string, int> kChanged = {
      {"Slice", 10},      {"TopK", 10},      {"Upsample", 10}, {"Clip", 11},
      {"Pad", 11},        {"Scan", 9},       {"Dropout", 12},  {"Softmax", 13},
      {"LogSoftmax", 13}, {"Hardmax", 13},   {"Split", 13},    {"Squeeze", 13},
      {"Unsqueeze", 13},  {"ReduceSum", 13}, {"Resize", 13},   {"BatchNormalization", 14},
      {"RoiAlign", 16}};
  const auto found = kChanged.find(op);
  return found != kChanged.end() && opset < found->second;
}

}  // namespace

int SettleOpset(const Network& network) {
  bool same = true, opaque = false;
  for (const Node& node : network.nodes) {
    if (!node.opaque()) continue;
    opaque = true;
    proto::NodeProto verbatim;
    verbatim.ParseFromString(node.verbatim);
    VisitNodes(verbatim, [&](const proto::NodeProto& each) {
      if (!proto::Domain(each.domain()).empty()) return;
      same = same && network.opset <= kOwnOpset && !MeansElseIn17(each.op_type(), network.opset);
    });
  }
  return !opaque || same ? static_cast<int>(kOwnOpset) : network.opset;
}

}  // namespace nacre::onnx_internal
