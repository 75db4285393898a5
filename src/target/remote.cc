#include "target/remote.h"

#include <fmt/format.h>

#include <cstdlib>
#include <sstream>

#include "base/subprocess.h"
#include "target/wire.h"

namespace nacre {

using namespace target_internal;

namespace {

constexpr Seconds kDescribeTimeout{60};
constexpr int kReconnects = 6;  // after 1, 2, 4, ... seconds, in all a minute: a router restarts

std::string ReadEnvironment(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

// ssh, its options and the host; the command for the other machine comes behind them.
std::vector<std::string> SshCommand(const Target& target) {
  std::vector<std::string> command;
  std::istringstream words(ReadEnvironment("NACRE_SSH", "ssh"));
  for (std::string word; words >> word;) command.push_back(word);
  for (const char* option : {"-T", "-oBatchMode=yes", "-oConnectTimeout=10",
                             "-oServerAliveInterval=15", "-oServerAliveCountMax=3"}) {
    command.push_back(option);
  }
  std::string host = target.host;
  if (const size_t colon = host.rfind(':'); colon != std::string::npos) {
    command.push_back("-p" + host.substr(colon + 1));
    host.resize(colon);
  }
  command.push_back(host);
  return command;
}

std::string AgentCommand(const std::string& flags) {
  return fmt::format("{} agent --protocol {} {}", ReadEnvironment("NACRE_REMOTE_PROGRAM", "nacre"),
                     kWireProtocol, flags);
}

std::string LastLine(const std::string& text) {
  const size_t end = text.find_last_not_of("\r\n");
  if (end == std::string::npos) return "no message";
  const size_t from = text.find_last_of('\n', end);
  return text.substr(from + 1, std::min<size_t>(end - from, 300));
}

MachineInfo ReadMachineInfo(const std::string& output) {
  FrameReader stream(output);
  const auto bytes = stream.NextFrame();
  if (!bytes) throw std::out_of_range("no frame");
  FrameReader frame(*bytes);
  MachineInfo machine;
  for (std::string* text : {&machine.cpu, &machine.os, &machine.compiler, &machine.governor})
    *text = frame.GetText();
  machine.cores = frame.Get<int>();
  machine.memory.count = frame.Get<int64_t>();
  machine.load = frame.Get<double>();
  for (auto count = frame.Get<uint64_t>(); count > 0; --count)
    machine.instructions.push_back(frame.GetText());
  return machine;
}

}  // namespace

Expected<MachineInfo> InspectTarget(const Target& target) {
  if (target.host.empty()) return InspectMachine();
  ProcessOptions options{.arguments = SshCommand(target), .timeout = kDescribeTimeout};
  options.arguments.push_back(AgentCommand("--describe"));
  NACRE_TRY(const ProcessResult result, RunProcess(options));
  if (!result.ok()) {
    const char* remedy = result.exit_code == 127
                             ? "install nacre there, or name its path in NACRE_REMOTE_PROGRAM"
                             : "`ssh` must log in there without asking for anything";
    return Fail(ErrorKind::kTarget, fmt::format("target machine {}: {} ({}); {}", target.host,
                                                LastLine(result.errors), result.Outcome(), remedy));
  }
  try {
    return ReadMachineInfo(result.output);
  } catch (const std::out_of_range&) {
    return Fail(
        ErrorKind::kTarget,
        fmt::format(
            "target machine {}: its answer cannot be read; its login shell must print nothing",
            target.host));
  }
}

ChildLimits LimitsFor(const Target& target) {
  ChildLimits limits;
  if (target.host.empty()) return limits;
  const std::vector<std::string> ssh = SshCommand(target);
  limits.program = ssh[0];
  limits.arguments.assign(ssh.begin() + 1, ssh.end());
  limits.arguments.push_back(AgentCommand(fmt::format("--memory {}", limits.memory.count)));
  limits.reconnects = kReconnects;
  limits.timeout += Seconds(60);  // for the transfer in both directions
  return limits;
}

}  // namespace nacre
