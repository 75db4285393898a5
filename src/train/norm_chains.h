// Which nodes run as one operation: batch normalization, the addition behind it, and the ReLU
// behind that (decision 18). Private to train/.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "graph/network.h"

namespace nacre::train_internal {

struct NormChain {
  const Node* norm = nullptr;
  std::string residual;  // value that is added; empty: none
  bool relu = false;
};

struct NormChains {
  // By its last node: a chain runs where that stands, for only there the residual is known.
  std::map<const Node*, NormChain> by_last;
  std::set<const Node*> earlier;  // nodes of chains that are not the last
};

// A chain ends at a value that is `kept` or that something else reads, too. The network must
// outlive the result.
NormChains FindNormChains(const Network& network,
                          const std::function<bool(const std::string&)>& kept);

}  // namespace nacre::train_internal
