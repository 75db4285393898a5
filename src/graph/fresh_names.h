// Names that nothing uses yet.
//
// Many names for one network: make one FreshNames and ask it often. Network::FreshName looks at the
// whole network at each call, and gives one name twice unless it is used in between.
#pragma once

#include <string>
#include <unordered_set>

#include "graph/network.h"

namespace nacre {

class FreshNames {
 public:
  FreshNames() = default;
  // All names of values of `network` are in use; the names of its nodes are not.
  explicit FreshNames(const Network& network);

  void Take(const std::string& name) { used_.insert(name); }
  // `stem`, or else the first of `stem_2`, `stem_3`, ... that is not in use. From then on it is.
  std::string Make(const std::string& stem);

 private:
  std::unordered_set<std::string> used_;
};

}  // namespace nacre
