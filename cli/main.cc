#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>

#include "base/interrupt.h"
#include "base/nearest.h"
#include "cli/command.h"
#include "cli/version.h"

namespace nacre {
namespace {

std::string JoinArguments(int argc, char** argv) {
  std::string text;
  for (int i = 0; i < argc; ++i) text += (i ? " " : "") + std::string(i ? argv[i] : "nacre");
  return text;
}

// benchmark_app's long flags begin with one dash (-nstreams 2); CLI11 needs two.
std::vector<std::string> LengthenDashes(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  for (std::string& argument : arguments) {
    for (const char* flag : {"-hint", "-nstreams", "-nthreads"}) {
      if (argument == flag || argument.starts_with(std::string(flag) + "="))
        argument.insert(0, "-");
    }
  }
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them last first
  return arguments;
}

// CLI11's own message for an unknown command does not name the nearest one.
Expected<void> CheckCommand(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return {};
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == argv[1]) return {};
    const bool is_hidden = command->get_group().empty();
    if (!is_hidden) names.push_back(command->get_name());
  }
  return Fail(
      ErrorKind::kUsage,
      fmt::format("unknown command '{}': did you mean '{}'? nacre --help lists all commands",
                  argv[1], Nearest(argv[1], names)));
}

int PrintError(const Error& error) {
  fmt::print(stderr, "nacre: {}\n", error.message);
  return static_cast<int>(error.kind);
}

int Main(int argc, char** argv) {
  CommandLine line{.text = JoinArguments(argc, argv)};
  CLI::App app(
      "nacre rebuilds a trained convolutional network so that it runs several times faster "
      "on the machine that must run it, and keeps its accuracy.",
      "nacre");
  app.require_subcommand(1);
  app.set_version_flag("--version", "nacre " + Version());
  app.footer(
      "Exit codes: 0 done, 1 internal error, 2 usage or configuration, 3 model, 4 data, 5 target,\n"
      "6 nothing met the limit, 130 interrupted (nacre resume RUN continues).");
  for (auto* add :
       {AddDoctor, AddInspect, AddConvert, AddOptimize, AddResume, AddStatus, AddReport, AddExport,
        AddEval, AddBench, AddQuantize, AddConfig, AddDemo, AddTarget, AddAgent, AddMeasure}) {
    add(app, line);
  }
  for (CLI::App* command : app.get_subcommands({})) {
    command->add_flag("--json", line.json, "print the result as JSON on stdout");
  }
  if (const auto known = CheckCommand(app, argc, argv); !known) return PrintError(known.error());
  try {
    app.parse(LengthenDashes(argc, argv));
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ParseError& error) {
    return PrintError({ErrorKind::kUsage, std::string(error.what()) + "; see nacre --help"});
  }
  WatchInterrupts();
  // Then writing beyond a limit on file sizes fails, as on a full disk, instead of killing us.
  std::signal(SIGXFSZ, SIG_IGN);
  if (auto done = line.chosen(); !done) return PrintError(done.error());
  return 0;
}

}  // namespace
}  // namespace nacre

int main(int argc, char** argv) {
  try {
    return nacre::Main(argc, argv);
  } catch (const std::exception& error) {
    return nacre::PrintError(
        {nacre::ErrorKind::kInternal, fmt::format("internal error: {}", error.what())});
  }
}
