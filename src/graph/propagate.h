// Internal to graph/: what is known of every value before run time.
#pragma once

#include <map>
#include <string>

#include "graph/shape_rules.h"

namespace nacre {

struct Facts {
  std::map<std::string, Value> values;      // dimensions may carry names
  std::map<std::string, Content> contents;  // of node outputs; initializers are in the network
};

struct PropagateOptions {
  int64_t batch = kDynamic;        // of every input; kDynamic keeps the graph's own
  int64_t max_elements = 1 << 12;  // of a content that is computed
};

// Walks the network in order. Values that nothing tells the shape of are left out. Error as in
// InferShapes.
Expected<Facts> Propagate(const Network& network, const PropagateOptions& options);

}  // namespace nacre
