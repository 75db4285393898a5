// Expressing: understood nodes of opset 17, written in the opset that the network's opaque nodes
// need. Private to onnx/.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/fresh_names.h"
#include "graph/network.h"

namespace nacre::onnx_internal {

struct Expressing {
  int opset = 17;
  Network network;                                 // initializers are added and found here
  std::optional<FreshNames> names = std::nullopt;  // of `network`; none until one is asked for

  std::string AddConstant(const std::string& stem, Tensor tensor);
  const Tensor& Constant(const Node& node,
                         size_t input) const;  // throws std::logic_error when it is not constant
};

// One or more nodes with the meaning of `node`. Throws std::logic_error when the opset has no words
// for it.
std::vector<Node> ExpressNode(Expressing& expressing, const Node& node);

}  // namespace nacre::onnx_internal
