#include "task/max_drop.h"

#include <cstdlib>
#include <sstream>
#include <string_view>

namespace nacre {
namespace {

constexpr double kMost = 0.5;

bool RemoveSuffix(std::string& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.resize(text.size() - suffix.size());
  return true;
}

}  // namespace

std::optional<MaxDrop> ParseMaxDrop(const std::string& text) {
  std::string digits = text;
  MaxDrop drop;
  drop.in_points = RemoveSuffix(digits, "pt");
  const double scale = drop.in_points || RemoveSuffix(digits, "%") ? 0.01 : 1;
  char* end = nullptr;
  drop.value = scale * std::strtod(digits.c_str(), &end);
  const bool is_number = !digits.empty() && *end == '\0';
  if (!is_number || !(drop.value >= 0 && drop.value <= kMost)) return std::nullopt;
  return drop;
}

std::string ToString(const MaxDrop& drop) {
  std::ostringstream text;
  text << 100 * drop.value << (drop.in_points ? "pt" : "%");
  return text.str();
}

}  // namespace nacre
