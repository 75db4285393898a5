// What training does with each initializer. Private to this room.
#pragma once

#include <map>
#include <string>

#include "graph/network.h"
#include "graph/operations.h"

namespace nacre {

using Role = ParameterRole;

struct Roles {
  std::map<std::string, Role> of;  // initializers that are more than constants
  std::map<std::string, int64_t>
      scale_free;  // weights of convolutions that only a batch-norm reads: their groups
};

Roles FindRoles(const Network& network);

}  // namespace nacre
