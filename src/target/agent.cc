// The other machine's side of a remote target.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "base/subprocess.h"
#include "target/descriptors.h"
#include "target/remote.h"
#include "target/wire.h"

namespace nacre {

using namespace target_internal;

namespace {

int Refuse(const std::string& why) {
  fmt::print(stderr, "nacre agent: {}\n", why);
  return static_cast<int>(ErrorKind::kTarget);
}

// Everything up to the end of the input; nothing when that is more than `most` bytes.
std::optional<std::string> ReadAtMost(int fd, int64_t most) {
  std::string bytes;
  std::string buffer(1 << 16, '\0');
  for (;;) {
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return bytes;
    bytes.append(buffer, 0, static_cast<size_t>(count));
    if (static_cast<int64_t>(bytes.size()) > most) return std::nullopt;
  }
}

std::string DescriptionFrame(const MachineInfo& machine) {
  FrameWriter frame;
  frame.Put(machine.cpu).Put(machine.os).Put(machine.compiler).Put(machine.governor);
  frame.Put(machine.cores).Put(machine.memory.count).Put(machine.load);
  frame.Put(static_cast<uint64_t>(machine.instructions.size()));
  for (const std::string& instruction : machine.instructions) frame.Put(instruction);
  return frame.Frame();
}

// ssh reserves 255 for itself: a child that died by a signal must not look like a lost link.
int ExitCodeOf(const ProcessResult& child) {
  constexpr int kReservedBySsh = 255;
  if (child.out_of_memory) return kAgentOutOfMemory;
  if (child.signal != 0 || child.exit_code == kReservedBySsh) return 1;
  return child.exit_code;
}

int ServeRequest(const AgentOptions& options, std::string request, int output_fd) {
  const auto child = RunProcess({.arguments = {"/proc/self/exe", "measure"},
                                 .input = std::move(request),
                                 .timeout = Seconds(options.timeout),
                                 .most_memory = options.memory});
  if (!child) return Refuse(child.error().message);
  if (!WriteAll(output_fd, child->output)) return 1;
  if (child->ok()) return 0;
  fmt::print(stderr, "{}\n{}\n", child->errors, child->Outcome());
  return ExitCodeOf(*child);
}

}  // namespace

int ServeAgent(const AgentOptions& options, int input_fd, int output_fd) {
  if (options.protocol != kWireProtocol) {
    return Refuse(
        fmt::format("the caller speaks protocol {}, but this nacre speaks {}: install the same "
                    "version on both machines",
                    options.protocol, kWireProtocol));
  }
  if (options.describe) return WriteAll(output_fd, DescriptionFrame(InspectMachine())) ? 0 : 1;
  auto request = ReadAtMost(input_fd, options.most_input.count);
  if (!request) {
    return Refuse(fmt::format("the request is longer than the limit of {} MiB",
                              options.most_input.count >> 20));
  }
  return ServeRequest(options, std::move(*request), output_fd);
}

}  // namespace nacre
