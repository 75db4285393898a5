#include "config/setting.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace nacre::config_internal {

tl::unexpected<Error> Bad(const Text& key, const Text& text, const Text& allowed) {
  return Fail(ErrorKind::kUsage, fmt::format("{} = '{}': give {}", key, text, allowed));
}

namespace {

Expected<double> Number(const Text& key, const Text& text, double low, double high) {
  Text digits = text;
  double scale = 1;
  if (!digits.empty() && digits.back() == '%') {
    digits.pop_back();
    scale = 0.01;
  }
  try {
    size_t used = 0;
    const double value = std::stod(digits, &used) * scale;
    if (used == digits.size() && value >= low && value <= high) return value;
  } catch (const std::exception&) {
  }
  return Bad(key, text, fmt::format("a number from {} to {}", low, high));
}

}  // namespace

Expected<std::vector<double>> Numbers(const Text& key, const Text& text, double low, double high) {
  std::vector<double> values;
  std::stringstream parts(text);
  for (Text part; std::getline(parts, part, ',');) {
    NACRE_TRY(const double value, Number(key, part, low, high));
    values.push_back(value);
  }
  return values;
}

Setting PathSetting(Text key, Text flag, Text help, std::filesystem::path RunConfig::*field) {
  return {key, flag, help,
          [field](RunConfig& c, const Text& text) -> Expected<void> {
            c.*field = text;
            return {};
          },
          [field](const RunConfig& c) {
            return (c.*field).empty() ? Text() : fmt::format("\"{}\"", (c.*field).string());
          }};
}

Setting WordSetting(Text key, Text flag, Text help, std::vector<Text> words,
                    std::function<Text&(RunConfig&)> field) {
  return {
      key, flag, help + " (" + fmt::format("{}", fmt::join(words, " | ")) + ")",
      [=](RunConfig& c, const Text& text) -> Expected<void> {
        if (std::find(words.begin(), words.end(), text) == words.end()) {
          return Bad(key, text, fmt::format("one of {}", fmt::join(words, ", ")));
        }
        field(c) = text;
        return {};
      },
      [=](const RunConfig& c) { return fmt::format("\"{}\"", field(const_cast<RunConfig&>(c))); }};
}

Setting NumberSetting(Text key, Text flag, Text help, NumberRange range,
                      std::function<void(RunConfig&, double)> put,
                      std::function<Text(const RunConfig&)> take) {
  return {key, flag, help,
          [=](RunConfig& c, const Text& text) -> Expected<void> {
            NACRE_TRY(const double value, Number(key, text, range.low, range.high));
            if (range.whole && value != std::floor(value)) return Bad(key, text, "a whole number");
            put(c, value);
            return {};
          },
          take};
}

Setting BytesSetting(Text key, Text flag, Text help, std::function<double&(RunConfig&)> of) {
  return {key, flag, help,
          [=](RunConfig& c, const Text& text) -> Expected<void> {
            NACRE_TRY(of(c), ParseBytes(text));
            return {};
          },
          [=](const RunConfig& c) {
            const double bytes = of(const_cast<RunConfig&>(c));
            return bytes > 0 ? fmt::format("\"{}\"", bytes) : Text();
          }};
}

}  // namespace nacre::config_internal
