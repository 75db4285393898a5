// How much memory this process may still take.
// Private to data/. Thread-safe.
#pragma once

#include <optional>

#include "base/units.h"

namespace nacre::data_internal {

// The smaller of MemAvailable in /proc/meminfo and what the control group has left; nothing when
// neither can be read.
std::optional<Bytes> FreeMemory();

}  // namespace nacre::data_internal
