// events.jsonl: append-only, one JSON object a line.
#pragma once

#include <filesystem>
#include <string>

#include "base/expected.h"

namespace nacre {

class EventLog {
 public:
  explicit EventLog(std::filesystem::path path) : path_(std::move(path)) {}
  // Each line is one write(2), so that a kill cuts at most the last; a cut line is ended before the
  // next is written.
  Expected<void> Append(const std::string& json_object);

 private:
  std::filesystem::path path_;
};

}  // namespace nacre
