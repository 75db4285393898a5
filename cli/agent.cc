#include <cstdlib>

#include "cli/command.h"
#include "target/remote.h"

namespace nacre {

void AddAgent(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand(
      "agent", "serve another nacre through standard input and output; ssh:// targets start it");
  auto options = std::make_shared<AgentOptions>();
  command
      ->add_option("--protocol", options->protocol,
                   "version of the protocol that the caller speaks")
      ->required();
  command->add_flag("--describe", options->describe, "describe this machine and exit");
  command->add_option("--memory", options->memory.count, "bytes of memory that measuring may use")
      ->check(CLI::PositiveNumber);
  command->callback([&line, options] {
    line.chosen = [options]() -> Expected<void> { std::exit(ServeAgent(*options, 0, 1)); };
  });
}

}  // namespace nacre
