#include "base/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

namespace nacre {
namespace {

constexpr int kStopAtOnce = 3;
constexpr unsigned kGraceSeconds = 4;
std::atomic<int> requests{0};
static_assert(std::atomic<int>::is_always_lock_free);

// What is said when the process ends by itself: written before `requests` can matter, and read by a
// signal handler, so that it must neither move nor be freed.
char advice[4096] = "nacre: interrupted\n";

// Children die with their parent (base/subprocess.cc).
void StopAtOnce() {
  const ssize_t ignored = write(STDERR_FILENO, advice, strlen(advice));
  (void)ignored;
  _exit(130);
}

void OnSignal(int) {
  const int request = ++requests;
  if (request >= kStopAtOnce) StopAtOnce();
  if (request == 1) alarm(kGraceSeconds);
}

void OnAlarm(int) { StopAtOnce(); }

void Install(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void WatchInterrupts() {
  Install(SIGINT, OnSignal);
  Install(SIGTERM, OnSignal);
  Install(SIGALRM, OnAlarm);
}

bool InterruptRequested() { return requests > 0; }

void SetInterruptAdvice(const std::string& text) {
  const std::string line = "\nnacre: " + text + "\n";
  std::strncpy(advice, line.c_str(), sizeof(advice) - 1);
}

}  // namespace nacre
