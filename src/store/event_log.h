// events.jsonl: an append-only file with one JSON object a line.
// Private to store/. Not thread-safe.
#pragma once

#include <filesystem>
#include <string>

#include "base/expected.h"

namespace nacre::store_internal {

class EventLog {
 public:
  explicit EventLog(std::filesystem::path path) : path_(std::move(path)) {}
  // Adds "time" in front. Each line is one write(2), so that a kill cuts at most the last line; a
  // line that was cut is ended before the next is written. Throws std::logic_error when the text is
  // not a JSON object.
  Expected<void> Append(const std::string& json_object);

 private:
  std::filesystem::path path_;
};

}  // namespace nacre::store_internal
