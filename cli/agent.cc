#include <cstdlib>

#include "cli/command.h"
#include "target/remote.h"

namespace nacre {

void AddAgent(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand(
      "agent", "serves another nacre through standard input and output; what ssh:// targets start");
  auto options = std::make_shared<AgentOptions>();
  command->add_option("--protocol", options->protocol, "that the caller speaks")->required();
  command->add_flag("--describe", options->describe, "say what this machine is, and end");
  command->add_option("--memory", options->memory.count, "bytes that measuring may take")
      ->check(CLI::PositiveNumber);
  command->callback([&line, options] {
    line.chosen = [options]() -> Expected<void> { std::exit(ServeAgent(*options, 0, 1)); };
  });
}

}  // namespace nacre
