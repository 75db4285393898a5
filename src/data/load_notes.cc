#include "data/load_notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

namespace nacre {
namespace {

// "val has no images of 2 classes of the training images: a, b".
std::string MissingClasses(const std::string& folder, const std::vector<std::string>& missing,
                           const std::string& classes_of) {
  constexpr size_t kMostNamed = 5;
  const std::span named(missing.data(), std::min(missing.size(), kMostNamed));
  return fmt::format("{} has no images of {} classes of {}: {}{}", folder, missing.size(),
                     classes_of, fmt::join(named, ", "),
                     named.size() < missing.size() ? ", ..." : "");
}

}  // namespace

std::vector<std::string> LoadNotes(const std::filesystem::path& folder, const LoadOptions& options,
                                   const LoadReport& report) {
  const std::string name = folder.string();
  std::vector<std::string> notes;
  if (!report.broken.empty()) {
    notes.push_back(fmt::format("{} unreadable image files of {} left out, first: {}",
                                report.broken.size(), name, report.broken.front()));
  }
  if (!report.missing.empty())
    notes.push_back(MissingClasses(name, report.missing, options.classes_of));
  if (!report.links.empty()) {
    notes.push_back(
        fmt::format("{} links in {} lead to what is there already and do not count, "
                    "first: {}",
                    report.links.size(), name, report.links.front()));
  }
  if (report.turned > 0) {
    notes.push_back(fmt::format("{} photographs of {} lie on a side by their EXIF data; {}",
                                report.turned, name,
                                options.orientation == Orientation::kExif
                                    ? "they are turned upright (--orientation file leaves them)"
                                    : "they stay so (--orientation exif turns them)"));
  }
  if (report.clipped > 0) {
    notes.push_back(
        fmt::format("{} images of {} are grey with 16 bits: as in Pillow, every value above 255 is "
                    "white; where "
                    "the network was trained on anything else, give images of 8 bits",
                    report.clipped, name));
  }
  return notes;
}

}  // namespace nacre
