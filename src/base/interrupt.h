// Ctrl-C and SIGTERM. The first asks the work to end after the job under way; where that has not
// happened within four seconds, and at the third, the process ends at once (exit 130). That loses
// the job under way and nothing else, as a kill does (store/run.h).
#pragma once

#include <string>

namespace nacre {

// Installs the handlers for SIGINT and SIGTERM, and one for SIGALRM.
void WatchInterrupts();
bool InterruptRequested();

// What the process says when it ends at once, a line without "nacre: ".
void SetInterruptAdvice(const std::string& text);

}  // namespace nacre
