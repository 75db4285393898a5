// What is known of every value before run time.
// Private to graph/.
#pragma once

#include <map>
#include <string>

#include "graph/shape_rules.h"

namespace nacre::graph_internal {

struct Facts {
  std::map<std::string, Value> values;      // dimensions may carry names
  std::map<std::string, Content> contents;  // of node outputs; initializers are in the network
};

struct PropagateOptions {
  int64_t batch = kDynamic;        // of every input; kDynamic keeps the graph's own
  int64_t max_elements = 1 << 12;  // of a content that is computed
};

// What is known of a value's numbers, whether it is an initializer or computed; nothing when
// nothing is.
std::optional<Content> KnownContent(const Network& network, const Facts& facts,
                                    const std::string& value);

// Walks the network in order. Values that nothing tells the shape of are left out. Error as in
// InferShapes.
Expected<Facts> Propagate(const Network& network, const PropagateOptions& options);

}  // namespace nacre::graph_internal
