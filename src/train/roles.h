// What training does with each initializer. Private to train/.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "graph/network.h"
#include "graph/operations.h"

namespace nacre::train_internal {

using Role = ParameterRole;

struct Roles {
  std::map<std::string, Role> of;  // initializers that are more than constants
  // Weights of convolutions that only a batch-norm reads, with their groups: their scale has no
  // effect, so they may be kept at one norm (train/optimizer.h).
  std::map<std::string, int64_t> scale_free;
};

Roles FindRoles(const Network& network);

}  // namespace nacre::train_internal
