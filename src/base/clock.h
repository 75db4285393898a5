// Time comes in as an argument, so that tests can fake it.
#pragma once

#include "base/units.h"

namespace nacre {

class Clock {
 public:
  virtual ~Clock() = default;
  // Monotonic time since an arbitrary start.
  virtual Seconds Now() const = 0;
};

// The machine's steady clock. Thread-safe; lives for ever.
const Clock& SteadyClock();

}  // namespace nacre
