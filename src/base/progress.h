// Progress of work over a second: stage, how much of it is done, best so far, time left.
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "base/clock.h"

namespace nacre {

class Progress {
 public:
  virtual ~Progress() = default;
  virtual void Stage(const std::string& name) = 0;
  // `fraction` of the stage in [0, 1]; `text` says what is going on.
  virtual void Update(double fraction, const std::string& text) = 0;
  // Time on the clock when all must have ended; shown as what is left.
  virtual void SetDeadline(Seconds deadline) = 0;
};

struct ProgressOptions {
  bool terminal = false;  // one redrawn line; else a plain line at each stage and every `every`
  Seconds every{20};
  int width = 100;
  // The line is drawn again when nothing was for so long, so that a person sees that the work goes
  // on; 0: never.
  Seconds heartbeat{0};
};

// `out` and `clock` must outlive it. Thread-safe.
std::unique_ptr<Progress> MakeProgress(std::ostream& out, const Clock& clock,
                                       const ProgressOptions& options);
// On standard error, as a terminal's or plain, whichever that is.
std::unique_ptr<Progress> MakeTerminalProgress(const Clock& clock);
std::unique_ptr<Progress> MakeSilentProgress();

}  // namespace nacre
