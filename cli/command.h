// The subcommands, one file each. Each adds itself to the application; its work runs when main has
// parsed the whole line.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/expected.h"
#include "config/config.h"
#include "target/target.h"

namespace nacre {

struct CommandLine {
  bool json = false;                       // print results as JSON on stdout
  std::string text;                        // the command as typed, for the report
  std::function<Expected<void>()> chosen;  // set by the subcommand that was named
};

void AddDoctor(CLI::App& app, CommandLine& line);
void AddConvert(CLI::App& app, CommandLine& line);
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
void AddMeasure(CLI::App& app, CommandLine& line);  // hidden: the children that measure and compare

// The flags of settings that were given. AddSettingFlags fills them while main parses the line, so
// they must outlive that; ApplySettings applies them in the order of Settings().
struct SettingFlags {
  std::map<std::string, std::string> given;  // flag -> text
  std::string target;                        // --target
  std::string data;                          // --data DIR: DIR/train, DIR/val if there, DIR/test
};
// Adds --data, --target, and the flags of the settings whose keys begin with one of `keys`; all by
// default.
void AddSettingFlags(CLI::App& command, SettingFlags& flags,
                     const std::vector<std::string>& keys = {""});
// The parts of that.
void AddTargetFlag(CLI::App& command, SettingFlags& flags);
void AddSomeSettings(CLI::App& command, SettingFlags& flags, const std::vector<std::string>& keys);
Expected<void> ApplySettings(const SettingFlags& flags, RunConfig& config);

// What disturbs measuring on the machine, a sentence each.
std::vector<std::string> FindDisturbances(const MachineInfo& machine);

// `model` is a run file or an ONNX file; flags override the file.
Expected<RunConfig> ConfigFrom(const std::string& model, const SettingFlags& flags);

}  // namespace nacre
