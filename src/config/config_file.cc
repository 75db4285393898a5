#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>

#include "base/nearest.h"
#include "base/read_file.h"
#include "config/config.h"

namespace nacre {
namespace {

// The text that a Setting understands.
std::string TextOf(const toml::node& node) {
  if (const auto* array = node.as_array()) {
    std::string joined;
    for (const auto& item : *array) joined += (joined.empty() ? "" : ",") + TextOf(item);
    return joined;
  }
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto whole = node.value_exact<int64_t>()) return fmt::format("{}", *whole);
  if (const auto number = node.value_exact<double>()) return fmt::format("{}", *number);
  std::ostringstream other;
  node.visit([&](const auto& value) { other << value; });
  return other.str();
}

Expected<void> Apply(const toml::table& table, const std::string& prefix, const std::string& file,
                     RunConfig& config) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    const auto line = node.source().begin.line;
    if (key == "schema") {
      if (node.value<int64_t>() == 1) continue;
      return Fail(ErrorKind::kUsage, fmt::format("{}:{}: schema must be 1", file, line));
    }
    if (const auto* inner = node.as_table()) {
      NACRE_CHECK_OK(Apply(*inner, key + ".", file, config));
      continue;
    }
    const auto& settings = Settings();
    const auto found = std::find_if(settings.begin(), settings.end(),
                                    [&](const Setting& s) { return s.key == key; });
    if (found == settings.end()) {
      std::vector<std::string> known;
      for (const Setting& s : settings) known.push_back(s.key);
      return Fail(ErrorKind::kUsage,
                  fmt::format("{}:{}: unknown key '{}'; the nearest known one is "
                              "'{}'",
                              file, line, key, Nearest(key, known)));
    }
    if (auto set = found->set(config, TextOf(node)); !set) {
      return Fail(set.error().kind, fmt::format("{}:{}: {}", file, line, set.error().message));
    }
  }
  return {};
}

void MakeAbsolute(std::filesystem::path& path, const std::filesystem::path& folder) {
  if (!path.empty() && path.is_relative()) path = (folder / path).lexically_normal();
}

}  // namespace

Expected<void> ParseConfig(const std::string& text, const std::string& name, RunConfig& config) {
  try {
    return Apply(toml::parse(text, name), "", name, config);
  } catch (const toml::parse_error& error) {
    return Fail(ErrorKind::kUsage,
                fmt::format("{}:{}: {}", name, error.source().begin.line, error.description()));
  }
}

Expected<void> ReadConfigFile(const std::filesystem::path& path, RunConfig& config) {
  const auto text = ReadWholeFile(path);
  if (!text)
    return Fail(ErrorKind::kUsage, fmt::format("cannot read the run file {}", path.string()));
  NACRE_CHECK_OK(ParseConfig(*text, path.string(), config));
  const auto folder = std::filesystem::absolute(path).parent_path();
  for (std::filesystem::path* each : PathsOf(config)) MakeAbsolute(*each, folder);
  return {};
}

std::string PrintConfig(const RunConfig& config) {
  std::string text = "schema = 1\n", table;
  for (const Setting& setting : Settings()) {
    const std::string value = setting.get(config);
    if (value.empty()) continue;
    const size_t dot = setting.key.rfind('.');
    if (setting.key.substr(0, dot) != table) {
      table = setting.key.substr(0, dot);
      text += fmt::format("\n[{}]\n", table);
    }
    text += fmt::format("{} = {}\n", setting.key.substr(dot + 1), value);
  }
  return text;
}

}  // namespace nacre
