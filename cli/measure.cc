#include <cstdlib>

#include "cli/command.h"
#include "target/compare.h"
#include "target/measure.h"

namespace nacre {

void AddMeasure(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("measure", "");
  command->group("");  // hidden from --help
  command->callback(
      [&line] { line.chosen = []() -> Expected<void> { std::exit(ServeMeasurements(0, 1)); }; });
  command = app.add_subcommand("compare", "");
  command->group("");
  command->callback(
      [&line] { line.chosen = []() -> Expected<void> { std::exit(ServeComparison(0, 1)); }; });
}

}  // namespace nacre
