// The other machine's side of a remote target.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "base/subprocess.h"
#include "target/remote.h"
#include "target/wire.h"

namespace nacre {
namespace {

int Refuse(const std::string& why) {
  fmt::print(stderr, "nacre agent: {}\n", why);
  return static_cast<int>(ErrorKind::kTarget);
}

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

bool WriteAll(int fd, const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = write(fd, bytes.data() + sent, bytes.size() - sent);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    sent += static_cast<size_t>(count);
  }
  return true;
}

std::string Description(const MachineInfo& machine) {
  FrameWriter frame;
  frame.Put(machine.cpu).Put(machine.os).Put(machine.compiler).Put(machine.governor);
  frame.Put(machine.cores).Put(machine.memory.count).Put(machine.load);
  frame.Put(static_cast<uint64_t>(machine.instructions.size()));
  for (const std::string& instruction : machine.instructions) frame.Put(instruction);
  return frame.Frame();
}

}  // namespace

int ServeAgent(const AgentOptions& options, int input_fd, int output_fd) {
  if (options.protocol != kWireProtocol) {
    return Refuse(fmt::format(
        "the caller speaks protocol {}, this nacre {}: install the same version on both machines",
        options.protocol, kWireProtocol));
  }
  if (options.describe) return WriteAll(output_fd, Description(InspectMachine())) ? 0 : 1;
  auto request = ReadAtMost(input_fd, options.most_input.count);
  if (!request)
    return Refuse(fmt::format("a request of more than {} MiB", options.most_input.count >> 20));
  const auto result = RunProcess({.arguments = {"/proc/self/exe", "measure"},
                                  .input = std::move(*request),
                                  .timeout = Seconds(options.timeout),
                                  .most_memory = options.memory});
  if (!result) return Refuse(result.error().message);
  if (!WriteAll(output_fd, result->output)) return 1;
  if (result->ok()) return 0;
  fmt::print(stderr, "{}\n{}\n", result->errors, result->Outcome());
  // 255 is ssh's own: a child that died by a signal must not look like a lost link.
  return result->out_of_memory                             ? kAgentOutOfMemory
         : result->signal != 0 || result->exit_code == 255 ? 1
                                                           : result->exit_code;
}

}  // namespace nacre
