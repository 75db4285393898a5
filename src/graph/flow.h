// Which nodes of a network carry data.
// Private to graph/.
//
// A value is data when a network input reaches it without passing a Shape or Size node:
// initializers, what is computed from them alone, and Shape chains are not data. Only nodes that
// some output depends on count; the others are dead.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "graph/adjacency.h"
#include "graph/network.h"

namespace nacre::graph_internal {

// Refers to `network`, which must outlive it unchanged.
class Flow {
 public:
  explicit Flow(const Network& network);

  bool IsData(const std::string& value) const { return data_values_.contains(value); }
  // The node carries data from the input towards an output.
  bool IsData(size_t node) const { return data_[node] && live_[node]; }
  bool IsLive(size_t node) const { return live_[node]; }
  // The node that makes a value; nothing for inputs and initializers.
  std::optional<size_t> Producer(const std::string& value) const {
    return adjacency_.Producer(value);
  }
  // The node that makes a value which is not data (a constant, or a part of a Shape chain).
  std::optional<size_t> ConstantProducer(const std::string& value) const;
  // The value of an initializer or of a Constant node; null for anything else.
  const Tensor* Constant(const std::string& value) const;

 private:
  void FindData();
  void FindLive();

  const Network& network_;
  const Adjacency adjacency_;
  std::unordered_set<std::string> data_values_;
  std::vector<bool> data_, live_;
};

}  // namespace nacre::graph_internal
