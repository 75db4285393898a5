// Which nodes of a network carry data, seen once and asked often. Internal to graph/.
//
// A value is data when a network input reaches it without passing a Shape node: initializers, what
// is computed from them alone, and Shape chains are no data. Only nodes that some output depends on
// count; the others are dead.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "graph/network.h"

namespace nacre {

// Refers to `network`, which must outlive it unchanged.
class Flow {
 public:
  explicit Flow(const Network& network);

  bool IsData(const std::string& value) const { return data_values_.contains(value); }
  // The node carries data from the input towards an output.
  bool IsData(size_t node) const { return data_[node] && live_[node]; }
  bool IsLive(size_t node) const { return live_[node]; }
  // Index of the node that makes a value; -1 for inputs and initializers.
  int Producer(const std::string& value) const;
  // The value of an initializer or of a Constant node; null for anything else.
  const Tensor* Constant(const std::string& value) const;

 private:
  const Network& network_;
  std::unordered_map<std::string, int> producer_;
  std::unordered_map<std::string, bool> data_values_;
  std::vector<bool> data_, live_;
};

}  // namespace nacre
