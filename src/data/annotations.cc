#include "data/annotations.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/coco.h"
#include "data/voc.h"

namespace nacre {

using namespace data_internal;

namespace {

namespace fs = std::filesystem;

constexpr const char* kForms =
    "give a COCO *.json file or the folder of one, a Pascal VOC folder with Annotations/ and "
    "JPEGImages/, or a list in its ImageSets/Main/";

tl::unexpected<Error> DataError(std::string message) {
  return Fail(ErrorKind::kData, std::move(message));
}

// The *.json files of a folder, or else those in its annotations/, sorted.
std::vector<fs::path> JsonFiles(const fs::path& folder) {
  for (const fs::path& place : {folder, folder / "annotations"}) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry(place, error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      if (entry->path().extension() == ".json" && name.front() != '.')
        found.push_back(entry->path());
    }
    std::sort(found.begin(), found.end());
    if (!found.empty()) return found;
  }
  return {};
}

// A folder inside that could have been meant.
std::string Hint(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& inner = entry->path();
    if (fs::is_directory(inner / "Annotations", error) || !JsonFiles(inner).empty())
      return fmt::format(", for example {}", inner.string());
  }
  return {};
}

Expected<Annotations> ReadFolder(const fs::path& folder) {
  std::error_code ignored;
  if (fs::is_directory(folder / "Annotations", ignored)) return ReadVoc(folder, std::nullopt);
  const std::vector<fs::path> files = JsonFiles(folder);
  if (files.size() == 1) return ReadCoco(files.front());
  if (files.empty()) {
    return DataError(
        fmt::format("{} holds no annotations: {}{}", folder.string(), kForms, Hint(folder)));
  }
  return DataError(fmt::format("{} holds {} JSON files: give the one to read, for example {}",
                               folder.string(), files.size(), files.front().string()));
}

}  // namespace

Expected<Annotations> ReadAnnotations(const fs::path& given) {
  std::error_code error;
  const fs::path path = fs::absolute(given, error).lexically_normal();
  if (!fs::exists(path, error))
    return DataError(fmt::format("{} does not exist: {}", given.string(), kForms));
  if (fs::is_directory(path, error))
    return ReadFolder(path.has_filename() ? path : path.parent_path());
  if (path.extension() == ".json") return ReadCoco(path);
  const fs::path root = path.parent_path().parent_path().parent_path();
  if (path.extension() == ".txt" && fs::is_directory(root / "Annotations", error))
    return ReadVoc(root, path);
  return DataError(fmt::format("{} is no file of annotations: {}", given.string(), kForms));
}

}  // namespace nacre
