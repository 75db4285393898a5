// Text of a file, for a message. Private to data/. Thread-safe.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace nacre::data_internal {

// Its beginning, without what would break the line.
inline std::string OneLine(std::string_view text, size_t most = 160) {
  std::string line(text.substr(0, most));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return text.size() <= most ? line : line + "...";
}

}  // namespace nacre::data_internal
