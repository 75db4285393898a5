#include <fmt/format.h>

#include <filesystem>

#include "cli/command.h"
#include "pipeline/method.h"
#include "store/run.h"
#include "store/write_file.h"

namespace nacre {

void AddConfig(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("config", "write a first run file, or check one");
  command->require_subcommand(1);
  CLI::App* init = command->add_subcommand("init", "write a run file with every setting");
  CLI::App* check =
      command->add_subcommand("check", "read a run file and report what is wrong with it");
  auto path = std::make_shared<std::string>("run.toml");
  init->add_option("FILE", *path, "the run file to write; default: run.toml");
  check->add_option("FILE", *path, "the run file")->required();
  init->callback([&line, path] {
    line.chosen = [path]() -> Expected<void> {
      if (std::filesystem::exists(*path)) {
        return Fail(ErrorKind::kUsage, *path + " exists: name another file");
      }
      RunConfig config;
      config.model = "model.onnx";
      config.train = "data/train";
      config.test = "data/test";
      config.run = "runs/first";
      std::string text;
      for (const Setting& each : Settings()) text += fmt::format("# {}: {}\n", each.key, each.help);
      return WriteFileAtomically(*path, text + "\n" + PrintConfig(config));
    };
  });
  check->callback([&line, path] {
    line.chosen = [path]() -> Expected<void> {
      RunConfig config;
      NACRE_CHECK_OK(ReadConfigFile(*path, config));
      NACRE_CHECK_OK(CheckConfig(config));
      NACRE_CHECK_OK(FindMethod(config.method));
      fmt::print("{}", PrintConfig(config));
      return {};
    };
  });
}

}  // namespace nacre
