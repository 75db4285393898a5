#include "data/coco.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "base/read_file.h"
#include "data/folder_listing.h"
#include "data/one_line.h"

namespace nacre::data_internal {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kMostDepth = 64;
constexpr int kMostValues = 64;  // that are kept of one entry, so that its memory is bounded
constexpr int64_t kMostBytes = int64_t{4} << 30;
constexpr double kMostExact = 9007199254740992.0;  // 2^53: whole numbers up to there are exact

// The entries of one file, as they come. What is wrong is thrown as an Error, through the parser,
// and caught in ParseCoco.
class Reader {
 public:
  Reader(std::string file, fs::path folder) : file_(std::move(file)), folder_(std::move(folder)) {}

  // nlohmann's callback: what is not kept takes no memory.
  bool Take(int depth, Json::parse_event_t event, Json& value) {
    if (depth > kMostDepth)
      Throw(fmt::format("is nested deeper than {}: no COCO file is", kMostDepth));
    switch (event) {
      case Json::parse_event_t::key:
        return TakeKey(depth, value);
      case Json::parse_event_t::object_start:
        return BeginObject(depth);
      case Json::parse_event_t::array_start:
        return BeginArray(depth);
      case Json::parse_event_t::object_end:
        return EndObject(depth, value);
      case Json::parse_event_t::array_end:
        return true;
      case Json::parse_event_t::value:
        return TakeValue(depth);
    }
    return true;
  }

  Expected<Annotations> Finish() {
    for (const char* section : kSections) {
      if (!seen_.contains(section)) {
        return Fail(ErrorKind::kData,
                    fmt::format("{} has no \"{}\": give a file of COCO's form for detection, with "
                                "\"images\", \"annotations\" and \"categories\"",
                                file_, section));
      }
    }
    const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
    std::stable_sort(found_.images.begin(), found_.images.end(), by_id);
    std::stable_sort(found_.classes.begin(), found_.classes.end(), by_id);
    found_.form = "COCO";
    found_.source = file_;
    return std::move(found_);
  }

 private:
  static constexpr const char* kSections[] = {"images", "annotations", "categories"};

  [[noreturn]] void Throw(const std::string& what) const {
    throw Error{ErrorKind::kData, fmt::format("{} {}", file_, what)};
  }
  [[noreturn]] void ThrowEntry(const std::string& what) const {
    Throw(fmt::format("{}[{}] {}: correct this entry, or take it out", section_, entries_, what));
  }

  bool TakeKey(int depth, const Json& key) {
    const auto& name = key.get_ref<const std::string&>();
    if (depth == 1) {
      section_ = std::find(std::begin(kSections), std::end(kSections), name) == std::end(kSections)
                     ? std::string()
                     : name;
      entries_ = 0;
      if (!section_.empty()) ++seen_[section_];
      return !section_.empty();
    }
    static constexpr const char* kept[] = {"id",       "file_name",   "width", "height",
                                           "image_id", "category_id", "bbox",  "area",
                                           "iscrowd",  "name"};
    return std::find(std::begin(kept), std::end(kept), name) != std::end(kept);
  }

  bool BeginObject(int depth) {
    if (depth == 1 && !section_.empty())
      Throw(fmt::format("has \"{}\" as an object: a list is needed", section_));
    if (depth == 2) values_ = 0;
    return ++values_ <= kMostValues;
  }

  bool BeginArray(int depth) {
    if (depth == 0) Throw("is a list: COCO's file for detection is an object");
    if (depth == 2 && !section_.empty()) ThrowEntry("is a list, not an object");
    return ++values_ <= kMostValues;
  }

  bool TakeValue(int depth) {
    if (depth == 0) Throw("is a single value: COCO's file for detection is an object");
    if (depth == 1 && !section_.empty())
      Throw(fmt::format("has \"{}\" as a single value: a list is needed", section_));
    if (depth == 2 && !section_.empty()) ThrowEntry("is a single value, not an object");
    return ++values_ <= kMostValues;
  }

  bool EndObject(int depth, const Json& entry) {
    if (depth != 2 || section_.empty()) return true;
    if (section_ == "images") AddImage(entry);
    if (section_ == "annotations") AddObject(entry);
    if (section_ == "categories") AddClass(entry);
    ++entries_;
    return false;
  }

  void AddImage(const Json& entry) {
    const std::string name = Text(entry, "file_name");
    const fs::path path(name);
    const bool leaves =
        path.is_absolute() || std::find(path.begin(), path.end(), fs::path("..")) != path.end();
    if (leaves || name.empty() || name.find('\0') != std::string::npos) {
      ThrowEntry(
          fmt::format("has the file_name \"{}\", which is no path inside the folder of the images",
                      OneLine(name)));
    }
    found_.images.push_back({.id = Whole(entry, "id"),
                             .path = (folder_ / path).string(),
                             .width = Size(entry, "width"),
                             .height = Size(entry, "height")});
  }

  void AddObject(const Json& entry) {
    AnnotatedObject object{.image = Whole(entry, "image_id"),
                           .category = Whole(entry, "category_id")};
    object.id = entry.contains("id") ? Whole(entry, "id") : entries_ + 1;
    const auto bbox = entry.find("bbox");
    if (bbox == entry.end() || !bbox->is_array() || bbox->size() != 4)
      ThrowEntry("has no \"bbox\" of four numbers [left, top, width, height]");
    double side[4] = {};
    for (size_t i = 0; i < 4; ++i) side[i] = Number((*bbox)[i], "bbox");
    object.box = {side[0], side[1], side[0] + side[2], side[1] + side[3]};
    object.area = entry.contains("area") ? Number(entry["area"], "area") : side[2] * side[3];
    if (const auto crowd = entry.find("iscrowd"); crowd != entry.end())
      object.crowd = crowd->is_boolean() ? crowd->get<bool>() : Number(*crowd, "iscrowd") != 0;
    found_.objects.push_back(object);
  }

  void AddClass(const Json& entry) {
    found_.classes.push_back({.id = Whole(entry, "id"), .name = Text(entry, "name")});
  }

  std::string Text(const Json& entry, const char* key) const {
    const auto found = entry.find(key);
    if (found == entry.end() || !found->is_string())
      ThrowEntry(fmt::format("has no text \"{}\"", key));
    return found->get<std::string>();
  }

  double Number(const Json& value, const char* key) const {
    const double number = value.is_number() ? value.get<double>() : NAN;
    // Two of them can be added and multiplied without an overflow.
    if (!(std::abs(number) <= kMostExact))
      ThrowEntry(fmt::format("has a \"{}\" that is not a number of at most 2^53", key));
    return number;
  }

  int64_t Whole(const Json& entry, const char* key) const {
    const auto found = entry.find(key);
    if (found == entry.end()) ThrowEntry(fmt::format("has no \"{}\"", key));
    const double number = Number(*found, key);
    if (number != std::floor(number))
      ThrowEntry(fmt::format("has a \"{}\" that is not a whole number", key));
    return static_cast<int64_t>(number);
  }

  int64_t Size(const Json& entry, const char* key) const {
    if (!entry.contains(key) || entry[key].is_null()) return 0;
    const int64_t size = Whole(entry, key);
    if (size < 0) ThrowEntry(fmt::format("has a \"{}\" below 0", key));
    return size;
  }

  const std::string file_;
  const fs::path folder_;
  std::string section_;  // the one being read; empty: one that is passed over
  int64_t entries_ = 0;  // of the section, that are read
  int values_ = 0;       // of the entry
  std::unordered_map<std::string, int> seen_;
  Annotations found_;
};

// "val2017" of "instances_val2017.json".
std::string SplitName(const fs::path& file) {
  const std::string stem = file.stem().string();
  const size_t bar = stem.find('_');
  return bar == std::string::npos ? stem : stem.substr(bar + 1);
}

fs::path ImageFolderOf(const fs::path& file) {
  const fs::path beside = file.parent_path();
  std::error_code ignored;
  for (const fs::path& folder :
       {beside / "images", beside / SplitName(file), beside.parent_path() / SplitName(file),
        beside.parent_path() / "images" / SplitName(file)}) {
    if (fs::is_directory(folder, ignored)) return folder;
  }
  return beside;
}

}  // namespace

Expected<Annotations> ParseCoco(std::string_view json, const std::string& file,
                                const fs::path& folder) {
  Reader reader(file, folder);
  try {
    const Json rest = Json::parse(json, [&](int depth, Json::parse_event_t event, Json& value) {
      return reader.Take(depth, event, value);
    });
  } catch (const Error& error) {
    return tl::unexpected<Error>(error);
  } catch (const Json::exception& error) {
    return Fail(ErrorKind::kData, fmt::format("{} is not JSON ({}): write it anew, without NaN",
                                              file, OneLine(error.what())));
  }
  NACRE_TRY(Annotations found, reader.Finish());
  found.hash = HashBytes(json);
  return found;
}

Expected<Annotations> ReadCoco(const fs::path& file) {
  const auto state = StatFile(file.string());
  if (state && state->size > kMostBytes) {
    return Fail(
        ErrorKind::kData,
        fmt::format("{} has more than 4 GiB: split it into files of fewer images", file.string()));
  }
  const auto text = ReadWholeFile(file);
  if (!text) {
    return Fail(ErrorKind::kData,
                fmt::format("{} {}: check the path", file.string(), text.error().message));
  }
  return ParseCoco(*text, file.string(), ImageFolderOf(fs::absolute(file)));
}

}  // namespace nacre::data_internal
