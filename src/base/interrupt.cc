#include "base/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace nacre {
namespace {

constexpr int kStopAtOnce = 3;
std::atomic<int> requests{0};
static_assert(std::atomic<int>::is_always_lock_free);

void OnSignal(int) {
  if (++requests >= kStopAtOnce) _exit(130);
}

}  // namespace

void WatchInterrupts() {
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool InterruptRequested() { return requests > 0; }

}  // namespace nacre
