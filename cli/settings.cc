#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "cli/command.h"

namespace nacre {

void AddSettingFlags(CLI::App& command, SettingFlags& flags, const std::vector<std::string>& keys) {
  command.add_option(
      "--data", flags.data,
      "folder with train/, test/ and optionally val/: ImageFolders, or for detection "
      "sets in COCO's form or Pascal VOC's");
  AddTargetFlag(command, flags);
  AddSomeSettings(command, flags, keys);
}

void AddTargetFlag(CLI::App& command, SettingFlags& flags) {
  command.add_option("--target", flags.target,
                     "cpu:int8,threads=1,batch=1 (precision int8, bf16 or fp32)");
}

void AddSomeSettings(CLI::App& command, SettingFlags& flags, const std::vector<std::string>& keys) {
  for (const Setting& setting : Settings()) {
    const bool wanted = std::any_of(keys.begin(), keys.end(),
                                    [&](const auto& key) { return setting.key.starts_with(key); });
    if (setting.flag.empty() || !wanted) continue;
    command.add_option_function<std::string>(
        setting.flag,
        [&flags, flag = setting.flag](const std::string& text) { flags.given[flag] = text; },
        setting.help);
  }
}

namespace {

// Where the lists of a set in Pascal VOC's form are, in the folder or in the only one in it; empty:
// it has no such form.
std::filesystem::path VocLists(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> places = {folder};
  std::error_code error;
  for (const auto& each : std::filesystem::directory_iterator(folder, error)) {
    if (each.is_directory(error)) places.push_back(each.path());
  }
  for (const auto& place : places) {
    const auto lists = place / "ImageSets" / "Main";
    if (std::filesystem::is_directory(lists, error)) return lists;
  }
  return {};
}

// train, val and test of Pascal VOC's form; val also serves as test where there is none.
void ApplyVocLists(const std::filesystem::path& lists, RunConfig& config) {
  config.train = lists / "train.txt";
  config.test = lists / "test.txt";
  const auto validation = lists / "val.txt";
  const bool tested = std::filesystem::exists(config.test);
  if (!std::filesystem::exists(validation)) return;
  (tested ? config.validation : config.test) = validation;
}

Expected<void> ApplyDataFolder(const std::string& data, RunConfig& config) {
  const std::filesystem::path folder = data;
  if (!std::filesystem::is_directory(folder)) {
    return Fail(ErrorKind::kData, fmt::format("--data {}: no such folder", data));
  }
  if (const auto lists = VocLists(folder); !lists.empty()) {
    ApplyVocLists(lists, config);
    return {};
  }
  config.train = folder / "train";
  config.test = folder / "test";
  if (std::filesystem::is_directory(folder / "val")) config.validation = folder / "val";
  return {};
}

}  // namespace

Expected<void> ApplySettings(const SettingFlags& flags, RunConfig& config) {
  if (!flags.data.empty()) NACRE_CHECK_OK(ApplyDataFolder(flags.data, config));
  if (!flags.target.empty()) {
    NACRE_TRY(config.target, Target::Parse(flags.target));
  }
  for (const Setting& setting : Settings()) {
    const auto given = flags.given.find(setting.flag);
    if (setting.flag.empty() || given == flags.given.end()) continue;
    if (auto set = setting.set(config, given->second); !set) {
      return Fail(set.error().kind, setting.flag + ": " + set.error().message);
    }
  }
  return {};
}

namespace {

// What the run with the super-network was given, but for its folder and its budget: a search alone
// is short.
Expected<RunConfig> ConfigOfSupernet(const std::filesystem::path& run) {
  RunConfig config;
  const Seconds usual = Seconds(600);
  const std::filesystem::path file = run / "config.resolved.toml";
  if (!std::filesystem::exists(file)) {
    return Fail(ErrorKind::kUsage, fmt::format("--supernet {}: not a run folder, as it has no {}",
                                               run.string(), file.filename().string()));
  }
  NACRE_CHECK_OK(ReadConfigFile(file, config));
  config.run.clear();
  config.budget = usual;
  config.method = "bootstrap";
  return config;
}

}  // namespace

Expected<RunConfig> ConfigFrom(const std::string& model, const SettingFlags& flags) {
  RunConfig config;
  const auto supernet = flags.given.find("--supernet");
  if (model.empty() && supernet != flags.given.end()) {
    NACRE_TRY(config, ConfigOfSupernet(supernet->second));
  } else if (std::filesystem::path(model).extension() == ".toml") {
    NACRE_CHECK_OK(ReadConfigFile(model, config));
  } else {
    config.model = model;
  }
  NACRE_CHECK_OK(ApplySettings(flags, config));
  return config;
}

}  // namespace nacre
