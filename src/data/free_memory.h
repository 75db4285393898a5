// What the machine still has to give.
#pragma once

#include <optional>

#include "base/units.h"

namespace nacre {

// The smaller of /proc/meminfo's MemAvailable and what the control group has left; nothing where
// neither can be read.
std::optional<Bytes> FreeMemory();

}  // namespace nacre
