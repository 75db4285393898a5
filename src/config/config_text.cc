#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "config/config.h"

namespace nacre {

Expected<Seconds> ParseDuration(const std::string& text) {
  double total = 0;
  size_t at = 0;
  while (at < text.size()) {
    size_t used = 0;
    double number = 0;
    try {
      number = std::stod(text.substr(at), &used);
    } catch (const std::exception&) {
      used = 0;
    }
    if (used == 0 || !(number >= 0)) break;
    at += used;
    const char unit = at < text.size() ? text[at++] : 's';
    const double seconds = unit == 'h' ? 3600 : unit == 'm' ? 60 : unit == 's' ? 1 : 0;
    if (seconds == 0) break;
    total += number * seconds;
    if (at == text.size() && std::isfinite(total) && total > 0) return Seconds(total);
  }
  return Fail(ErrorKind::kUsage,
              fmt::format("'{}' is no duration: write 90s, 45m, 2h or 1h30m", text));
}

Expected<double> ParseBytes(const std::string& text) {
  static const std::pair<const char*, double> kUnits[] = {
      {"", 1},     {"B", 1},      {"kB", 1e3},      {"KB", 1e3},     {"MB", 1e6},
      {"GB", 1e9}, {"KiB", 1024}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
  try {
    size_t used = 0;
    const double number = std::stod(text, &used);
    used = std::min(text.find_first_not_of(' ', used), text.size());
    for (const auto& [unit, bytes] : kUnits) {
      if (text.substr(used) == unit && number >= 0 && std::isfinite(number)) return number * bytes;
    }
  } catch (const std::exception&) {
  }
  return Fail(ErrorKind::kUsage,
              fmt::format("'{}' is no size: write 250000, 200KiB or 1.5MiB", text));
}

std::string PrintDuration(Seconds duration) {
  const auto whole = static_cast<int64_t>(std::llround(duration.count()));
  std::string text;
  if (whole >= 3600) text += fmt::format("{}h", whole / 3600);
  if (whole % 3600 >= 60) text += fmt::format("{}m", whole % 3600 / 60);
  if (whole % 60 != 0 || text.empty()) text += fmt::format("{}s", whole % 60);
  return text;
}

}  // namespace nacre
