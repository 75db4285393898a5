// The machine that a target names, this one or one behind SSH: what it is, and how its measuring
// child is started.
//
// Over SSH the same frames travel through standard input and output of `nacre agent` on the other
// machine, which runs its own measuring child under its own limits, with its own compiler. No port
// is opened; SSH decides who may log in. NACRE_SSH replaces `ssh` (split at spaces, as
// GIT_SSH_COMMAND), NACRE_REMOTE_PROGRAM replaces `nacre` on the other machine.
#pragma once

#include "target/measure.h"
#include "target/target.h"

namespace nacre {

// Errors (kTarget): the machine cannot be reached; it has no nacre, or one that does not speak this
// protocol. Thread-safe; blocks for up to a minute.
Expected<MachineInfo> InspectTarget(const Target& target);

// Limits and start command of the measuring child on the target's machine.
ChildLimits LimitsFor(const Target& target);

// The other machine's side: reads one request from `input_fd`, answers on `output_fd` and returns
// the exit code. Messages for people go to standard error.
struct AgentOptions {
  int protocol = 0;                    // that the caller speaks
  bool describe = false;               // answer with a description of this machine, nothing else
  double timeout = 600;                // seconds, for the measuring child
  Bytes memory{int64_t{8} << 30};      // of the measuring child
  Bytes most_input{int64_t{1} << 30};  // longer requests are refused
};
int ServeAgent(const AgentOptions& options, int input_fd, int output_fd);

}  // namespace nacre
