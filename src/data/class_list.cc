#include "data/class_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <span>

namespace nacre {
namespace {

tl::unexpected<Error> ListError(const std::filesystem::path& file, const std::string& what) {
  return Fail(ErrorKind::kData,
              fmt::format("class list {} {}: give one class name a line, in the order of the "
                          "network's outputs",
                          file.string(), what));
}

std::string Trimmed(const std::string& line) {
  const char* spaces = " \t\r";
  const size_t begin = line.find_first_not_of(spaces);
  if (begin == std::string::npos) return "";
  return line.substr(begin, line.find_last_not_of(spaces) - begin + 1);
}

bool IsNumber(const std::string& name) {
  constexpr size_t kMostDigits = 9;
  return !name.empty() && name.size() <= kMostDigits &&
         name.find_first_not_of("0123456789") == std::string::npos;
}

bool NumbersOutOfOrder(const std::vector<std::string>& classes) {
  return std::all_of(classes.begin(), classes.end(), IsNumber) &&
         !std::is_sorted(classes.begin(), classes.end(),
                         [](const std::string& a, const std::string& b) {
                           return std::stoi(a) < std::stoi(b);
                         });
}

}  // namespace

Expected<std::vector<std::string>> ReadClassList(const std::filesystem::path& file) {
  std::ifstream text(file);
  if (!text) return ListError(file, "cannot be read");
  std::vector<std::string> names;
  for (std::string line; std::getline(text, line);) names.push_back(Trimmed(line));
  while (!names.empty() && names.back().empty()) names.pop_back();
  if (names.empty()) return ListError(file, "has no names");
  std::set<std::string> known;
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) return ListError(file, fmt::format("has an empty line {}", i + 1));
    if (!known.insert(names[i]).second)
      return ListError(file, fmt::format("has '{}' twice, again in line {}", names[i], i + 1));
  }
  return names;
}

std::string DescribeClasses(const std::vector<std::string>& classes) {
  constexpr size_t kMostNamed = 10;
  const bool all = classes.size() <= kMostNamed;
  const std::span first(classes.data(), all ? classes.size() : kMostNamed - 1);
  std::string text = fmt::format("{} classes, in the order of the network's outputs: {}",
                                 classes.size(), fmt::join(first, ", "));
  if (!all) text += ", ..., " + classes.back();
  if (NumbersOutOfOrder(classes))
    text += "; that is the order of text: if the network counts, give --classes FILE";
  return text;
}

}  // namespace nacre
