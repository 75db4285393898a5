// One file a subcommand. Each adds itself to the application; what it does runs when main has
// parsed the line.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/expected.h"
#include "config/config.h"

namespace nacre {

struct CommandLine {
  bool json = false;                       // results as JSON on stdout
  std::string text;                        // the command as typed, to repeat it
  std::function<Expected<void>()> chosen;  // set by the subcommand that was named
};

void AddDoctor(CLI::App& app, CommandLine& line);
void AddInspect(CLI::App& app, CommandLine& line);
void AddOptimize(CLI::App& app, CommandLine& line);
void AddResume(CLI::App& app, CommandLine& line);
void AddStatus(CLI::App& app, CommandLine& line);
void AddReport(CLI::App& app, CommandLine& line);
void AddExport(CLI::App& app, CommandLine& line);
void AddEval(CLI::App& app, CommandLine& line);
void AddBench(CLI::App& app, CommandLine& line);
void AddQuantize(CLI::App& app, CommandLine& line);
void AddConfig(CLI::App& app, CommandLine& line);
void AddDemo(CLI::App& app, CommandLine& line);
void AddTarget(CLI::App& app, CommandLine& line);
void AddAgent(CLI::App& app, CommandLine& line);
void AddMeasure(CLI::App& app, CommandLine& line);  // hidden: the measuring child

// A flag for every setting that has one; given ones are applied, in order, by ApplySettings.
struct SettingFlags {
  std::map<std::string, std::string> given;  // flag -> text
  std::string target;                        // --target
  std::string data;                          // --data DIR: DIR/train, DIR/val if there, DIR/test
};
// Flags of the settings whose keys begin like one of `keys`; of all by default.
void AddSettingFlags(CLI::App& command, SettingFlags& flags,
                     const std::vector<std::string>& keys = {""});
Expected<void> ApplySettings(const SettingFlags& flags, RunConfig& config);

// MODEL is a run file or an ONNX file; the flags win over the file.
Expected<RunConfig> ConfigFrom(const std::string& model, const SettingFlags& flags);

}  // namespace nacre
