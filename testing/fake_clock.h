// A clock that stands still until Advance.
#pragma once

#include "base/clock.h"

namespace nacre {

class FakeClock : public Clock {
 public:
  Seconds Now() const override { return now_; }
  void Advance(Seconds time) { now_ += time; }

 private:
  Seconds now_{1000};
};

}  // namespace nacre
