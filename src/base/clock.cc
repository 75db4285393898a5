#include "base/clock.h"

namespace nacre {
namespace {

class Steady : public Clock {
 public:
  Seconds Now() const override { return std::chrono::steady_clock::now().time_since_epoch(); }
};

}  // namespace

const Clock& SteadyClock() {
  static const Steady clock;
  return clock;
}

}  // namespace nacre
