// RunProcess: one program, run to its end under limits. What a crashing, hanging or swollen program
// does to itself is data for the caller (a failed trial), never a failure of the caller.
//
// The child gets a process group of its own, so a Ctrl-C on the terminal reaches the caller only;
// the whole group is killed when the child ends, when a limit is hit, or when `cancelled` says so;
// the child also when the calling thread dies (PR_SET_PDEATHSIG). No file descriptor but 0, 1 and 2
// is open in it. The caller's address space is not copied (vfork), so a caller with gigabytes of
// weights starts a child as fast as a small one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/units.h"

namespace nacre {

struct ProcessOptions {
  std::vector<std::string> arguments;  // the program (by PATH when it has no slash), then arguments
  std::string input;                   // bytes on its standard input; a file, so that it can seek
  std::vector<std::string> environment;  // "KEY=value", over the caller's own
  Seconds timeout{0};                    // wall time; 0: none
  Bytes most_memory{0};             // resident set of the child itself, every 20 ms; 0: no limit
  Bytes most_output{64 << 20};      // kept of each stream; what is beyond is read and dropped
  std::function<bool()> cancelled;  // asked every 20 ms; true kills the group
};

struct ProcessResult {
  int exit_code = 0;  // -1 when a signal ended it
  int signal = 0;     // the signal that ended it, or 0
  bool timed_out = false;
  bool out_of_memory = false;
  bool cancelled = false;
  std::string output;  // standard output
  std::string errors;  // standard error
  Seconds seconds{0};
  Bytes peak_memory;  // of the child and of those it waited for

  bool ok() const { return exit_code == 0 && signal == 0; }
  // One line: "exit code 3", "timed out after 5.0 s", "killed by signal 11 (Segmentation fault)"
  // ...
  std::string Outcome() const;
};

// Blocks until the child has ended. Thread-safe. The error (kInternal) is only for a program that
// could not be started.
Expected<ProcessResult> RunProcess(const ProcessOptions& options);

}  // namespace nacre
