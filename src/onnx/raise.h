// Raising: from the file's opset to the meaning of opset 17. What changed between the opsets is in
// ONNX's docs/Changelog.md; a node that has no equal in opset 17 is frozen with a reason.
// Private to onnx/.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "graph/network.h"
#include "graph/shapes.h"

namespace nacre::onnx_internal {

// An import under way.
struct Raising {
  int opset = 0;                          // of the file
  Network network;                        // what has been read so far
  std::map<std::string, Value> declared;  // value_info of the file
  std::set<std::string> names;            // every name of a value in the file, and those made since

  std::string Fresh(const std::string& stem);
  std::string AddConstant(const std::string& stem, Tensor tensor);
  const Tensor* Constant(const Node& node, size_t input) const;
  // Of initializers, inputs and values that the file declares; kUndefined when it says nothing.
  DataType TypeOf(const Node& node, size_t input) const;
  // Declared or inferred from what has been read so far.
  std::optional<Shape> ShapeOf(const std::string& value);

  std::unique_ptr<ShapeWalk> shapes;  // over `network`; null until it is asked
};

inline bool IsGiven(const Node& node, size_t input) {
  return input < node.inputs.size() && !node.inputs[input].empty();
}

// `nodes` holds one node with the meaning of `raising.opset`; it becomes one or more understood
// nodes of opset 17. Returns empty, or one sentence that says why the node must be frozen; `nodes`
// is then of no use.
std::string RaiseNode(Raising& raising, std::vector<Node>& nodes);

// A rule changes nodes.front(), may add nodes, and answers as RaiseNode does.
using RaiseRule = std::string (*)(Raising&, std::vector<Node>&);

// The families, one file each.
std::map<std::string, RaiseRule>
AxesRules();  // axes and sizes that moved between attributes and inputs
std::map<std::string, RaiseRule> ResampleRules();  // Resize, Upsample, Pad, pooling
std::map<std::string, RaiseRule>
ArithmeticRules();  // Softmax, Sum, normalisation, quantisation, Cast
std::map<std::string, RaiseRule> OtherOpsetsRules();  // of opsets before 11 and after 21
std::map<std::string, RaiseRule> MicrosoftRules();    // of the domain com.microsoft

}  // namespace nacre::onnx_internal
