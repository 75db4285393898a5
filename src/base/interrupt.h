// Ctrl-C: the first asks the work to end after the job under way, the third stops at once (exit
// 130).
#pragma once

namespace nacre {

// Installs the handlers for SIGINT and SIGTERM.
void WatchInterrupts();
bool InterruptRequested();

}  // namespace nacre
