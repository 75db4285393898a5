// Which nodes become one step: batch normalization, the addition behind it, and the ReLU behind
// that. Private to this room.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "graph/network.h"

namespace nacre {

struct NormChain {
  const Node* norm = nullptr;
  std::string residual;  // what is added; empty: nothing
  bool relu = false;
};

struct NormChains {
  std::map<const Node*, NormChain>
      by_last;  // a chain runs where its last node stands, for only there is the residual known
  std::set<const Node*> earlier;  // nodes of chains that are not the last
};

// Values that are `kept`, or that something else reads too, stay.
NormChains FindNormChains(const Network& network,
                          const std::function<bool(const std::string&)>& kept);

}  // namespace nacre
