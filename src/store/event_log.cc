#include "store/event_log.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "store/write_file.h"

namespace nacre {
namespace {

std::string Timestamp() {
  const auto now = std::chrono::system_clock::now();
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(now)), millis.count() % 1000);
}

std::string Line(const std::string& json_object) {
  const auto event = nlohmann::json::parse(json_object, nullptr, /*allow_exceptions=*/false);
  if (!event.is_object()) throw std::logic_error("LogEvent: not a JSON object: " + json_object);
  nlohmann::ordered_json line;
  line["time"] = Timestamp();
  for (const auto& [key, value] : event.items()) line[key] = value;
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

// True when the file's last byte is not a line end.
bool IsCut(int descriptor) {
  const off_t size = lseek(descriptor, 0, SEEK_END);
  char last = '\n';
  return size > 0 && pread(descriptor, &last, 1, size - 1) == 1 && last != '\n';
}

}  // namespace

Expected<void> EventLog::Append(const std::string& json_object) {
  std::string line = Line(json_object);
  const int descriptor = open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0) return WriteFailure(path_, errno);
  if (IsCut(descriptor)) line.insert(line.begin(), '\n');
  ssize_t count;
  do {
    count = write(descriptor, line.data(), line.size());
  } while (count < 0 && errno == EINTR);
  const int failure = count < 0 ? errno : count < static_cast<ssize_t>(line.size()) ? ENOSPC : 0;
  close(descriptor);
  if (failure != 0) return WriteFailure(path_, failure);
  return {};
}

}  // namespace nacre
