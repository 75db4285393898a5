// Where quantisation goes, decided from the graph alone (quantize/quantize.h has the rules).
// Private to quantize/.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "quantize/quantize.h"

namespace nacre::quantize_internal {

// A Conv, Gemm or MatMul whose weights become INT8, if its data input is quantised.
struct WeightedNode {
  size_t node = 0;
  int64_t axis = 0;  // of the output channels in the weights
};

struct Placement {
  std::vector<std::string> values;                // in topological order, network inputs first
  std::unordered_map<std::string, size_t> group;  // of each value; a group shares one range
  std::vector<WeightedNode> weighted;             // ascending by node
  // The values whose quantisation makes the data input of weighted[i] 8-bit.
  std::vector<std::vector<std::string>> sources;
};

Placement Place(const Network& network, const QuantizeOptions& options);

// The node reads floats whatever happens: it is opaque, named in `keep_float`, or only interested
// in the shape.
bool StaysFloat(const Node& node, const QuantizeOptions& options);

// The value cannot be negative, as far as the graph tells (ReLU, Clip from 0, Sigmoid, and poolings
// of such).
bool IsNonNegative(const Network& network, const std::string& value);

}  // namespace nacre::quantize_internal
