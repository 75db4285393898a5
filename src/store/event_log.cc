#include "store/event_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "store/write_file.h"

namespace nacre::store_internal {
namespace {

std::string Timestamp() {
  const auto now = std::chrono::system_clock::now();
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(now)), millis.count() % 1000);
}

std::string FormatLine(const std::string& json_object) {
  const auto event = nlohmann::json::parse(json_object, nullptr, /*allow_exceptions=*/false);
  if (!event.is_object()) throw std::logic_error("LogEvent: not a JSON object: " + json_object);
  nlohmann::ordered_json line;
  line["time"] = Timestamp();
  for (const auto& [key, value] : event.items()) line[key] = value;
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

// True when the file's last byte is not a line end: a kill or a full disk has cut its last line.
bool IsCut(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  char last = '\n';
  return file.seekg(-1, std::ios::end) && file.get(last) && last != '\n';
}

}  // namespace

Expected<void> EventLog::Append(const std::string& json_object) {
  std::string line = FormatLine(json_object);
  if (IsCut(path_)) line.insert(line.begin(), '\n');
  return AppendToFile(path_, line);
}

}  // namespace nacre::store_internal
