// Where a final training begins.
#pragma once

#include "pipeline/context.h"

namespace nacre {

struct Beginning {
  Network network;
  bool inherits = false;  // weights of another finalist
};

// As its trial left it; or, where they share, with the weights of the finalist that it shares most
// blocks with, if that means more training and the two fit together (decision 13). Networks with
// macro moves do not inherit.
Expected<Beginning> BeginningOf(Context& context, const Tried& tried, const std::string& id);

}  // namespace nacre
