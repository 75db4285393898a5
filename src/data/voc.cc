#include "data/voc.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <pugixml.hpp>
#include <sstream>
#include <utility>

#include "base/hash.h"
#include "base/read_file.h"
#include "data/folder_listing.h"
#include "data/one_line.h"

namespace nacre::data_internal {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostBytes = 16 << 20;  // of one XML file
constexpr double kMostPixel = 1e9;

tl::unexpected<Error> DataError(std::string message) {
  return Fail(ErrorKind::kData, std::move(message));
}

std::string_view Trimmed(std::string_view text) {
  const char* spaces = " \t\r\n";
  const size_t begin = text.find_first_not_of(spaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

Expected<double> ReadNumber(const pugi::xml_node& node, const std::string& where) {
  const std::string_view text = Trimmed(node.child_value());
  double number = NAN;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (whole && std::abs(number) <= kMostPixel) return number;
  return DataError(
      fmt::format("{} is \"{}\", not a number of pixels: correct it", where, OneLine(text, 40)));
}

// A flag, 0 or 1; absent is 0, as in files that other tools write.
Expected<bool> ReadFlag(const pugi::xml_node& object, const char* key, const std::string& where) {
  const pugi::xml_node node = object.child(key);
  if (!node || Trimmed(node.child_value()).empty()) return false;
  NACRE_TRY(const double flag, ReadNumber(node, fmt::format("{}: <{}>", where, key)));
  return flag != 0;
}

Expected<Box> ReadBox(const pugi::xml_node& object, const std::string& where) {
  const pugi::xml_node node = object.child("bndbox");
  static constexpr const char* names[] = {"xmin", "ymin", "xmax", "ymax"};
  double sides[4] = {};
  for (size_t i = 0; i < 4; ++i) {
    const pugi::xml_node side = node.child(names[i]);
    if (!side) {
      return DataError(fmt::format("{} has no <bndbox> with <{}>: add it, or take the object out",
                                   where, names[i]));
    }
    NACRE_TRY(sides[i], ReadNumber(side, fmt::format("{}: <{}>", where, names[i])));
  }
  // Tools that count from 0 write 0 for the first pixel.
  const auto first = [](double side) { return side >= 0 && side < 1 ? 0 : side - 1; };
  return Box{first(sides[0]), first(sides[1]), sides[2], sides[3]};
}

Expected<VocImage::Named> ReadObject(const pugi::xml_node& node, const std::string& where) {
  VocImage::Named named;
  named.name = std::string(Trimmed(node.child("name").child_value()));
  if (named.name.empty()) return DataError(fmt::format("{} has no <name>: name its class", where));
  NACRE_TRY(named.object.box, ReadBox(node, where));
  NACRE_TRY(named.object.difficult, ReadFlag(node, "difficult", where));
  named.object.area = named.object.box.empty() ? 0 : named.object.box.area();
  return named;
}

Expected<int64_t> ReadSize(const pugi::xml_node& size, const char* key, const std::string& file) {
  const pugi::xml_node node = size.child(key);
  if (!node) return 0;
  NACRE_TRY(const double pixels, ReadNumber(node, fmt::format("{}: <{}> of <size>", file, key)));
  if (pixels < 0 || pixels != std::floor(pixels))
    return DataError(
        fmt::format("{}: <{}> of <size> is no number of pixels: correct it", file, key));
  return static_cast<int64_t>(pixels);
}

Expected<std::string> ReadBounded(const fs::path& file) {
  const auto state = StatFile(file.string());
  if (state && state->size > kMostBytes) {
    return DataError(fmt::format("{} has more than 16 MiB: annotations of one image are smaller",
                                 file.string()));
  }
  auto text = ReadWholeFile(file);
  if (text) return text;
  return DataError(fmt::format("{} {}: put it there, or take its name out of the list",
                               file.string(), text.error().message));
}

// A name in a list is a file's name, and no path.
bool IsPlainName(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

Expected<std::vector<std::string>> NamesOfList(const fs::path& list) {
  NACRE_TRY(const std::string text, ReadBounded(list));
  std::vector<std::string> names;
  std::istringstream lines(text);
  int64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    // Lists of one class have a second column: 1, 0 or -1.
    const std::string_view whole = Trimmed(line);
    const std::string_view name = whole.substr(0, whole.find_first_of(" \t"));
    if (name.empty()) continue;
    if (!IsPlainName(name)) {
      return DataError(
          fmt::format("{}, line {}: \"{}\" is not the name of an image: give one name "
                      "a line, without folder and extension",
                      list.string(), number, OneLine(name, 80)));
    }
    names.emplace_back(name);
  }
  return names;
}

Expected<std::vector<std::string>> NamesOfFolder(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".xml" && IsPlainName(entry->path().filename().native()))
      names.push_back(entry->path().stem().string());
  }
  if (error)
    return DataError(fmt::format("cannot read folder {}: {}", folder.string(), error.message()));
  return names;
}

// The file of the name's image, or the one that VOC would have where there is none.
std::string ImagePath(const fs::path& root, const std::string& name) {
  std::error_code ignored;
  const fs::path folder = root / "JPEGImages";
  for (const char* extension : {".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG"}) {
    const fs::path file = folder / (name + extension);
    if (fs::exists(file, ignored)) return file.string();
  }
  return (folder / (name + ".jpg")).string();
}

Expected<VocImage> ReadImage(const fs::path& root, const std::string& name, Hasher& hasher) {
  const fs::path file = root / "Annotations" / (name + ".xml");
  NACRE_TRY(const std::string xml, ReadBounded(file));
  hasher.Add(name).Add(HashBytes(xml));
  return ParseVoc(xml, file.string());
}

// Ids of the classes, by name.
std::map<std::string, int64_t> NumberClasses(const std::map<std::string, VocImage>& images) {
  std::map<std::string, int64_t> ids;
  for (const auto& [name, image] : images) {
    for (const VocImage::Named& named : image.objects) ids.emplace(named.name, 0);
  }
  int64_t id = 0;
  for (auto& [name, number] : ids) number = ++id;
  return ids;
}

void AddImage(const VocImage& image, std::string path, const std::map<std::string, int64_t>& ids,
              Annotations& found) {
  const auto id = static_cast<int64_t>(found.images.size()) + 1;
  found.images.push_back(
      {.id = id, .path = std::move(path), .width = image.width, .height = image.height});
  for (const VocImage::Named& named : image.objects) {
    AnnotatedObject object = named.object;
    object.id = static_cast<int64_t>(found.objects.size()) + 1;
    object.image = id;
    object.category = ids.at(named.name);
    found.objects.push_back(object);
  }
}

}  // namespace

Expected<VocImage> ParseVoc(std::string_view xml, const std::string& file) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed =
      document.load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_auto);
  if (!parsed) {
    return DataError(fmt::format("{} is not XML ({} at byte {}): write it anew", file,
                                 parsed.description(), parsed.offset));
  }
  const pugi::xml_node root = document.child("annotation");
  if (!root)
    return DataError(fmt::format("{} has no <annotation>: it is not in Pascal VOC's form", file));
  VocImage image;
  NACRE_TRY(image.width, ReadSize(root.child("size"), "width", file));
  NACRE_TRY(image.height, ReadSize(root.child("size"), "height", file));
  for (const pugi::xml_node& node : root.children("object")) {
    NACRE_TRY(VocImage::Named named,
              ReadObject(node, fmt::format("{}: object {}", file, image.objects.size() + 1)));
    image.objects.push_back(std::move(named));
  }
  return image;
}

Expected<Annotations> ReadVoc(const fs::path& root, const std::optional<fs::path>& list) {
  NACRE_TRY(std::vector<std::string> names, NamesOfFolder(root / "Annotations"));
  std::vector<std::string> chosen = names;
  if (list) {
    NACRE_TRY(chosen, NamesOfList(*list));
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  if (chosen.empty()) {
    return DataError(fmt::format("{} names no images: give a Pascal VOC folder or list with some",
                                 (list ? *list : root).string()));
  }
  names.insert(names.end(), chosen.begin(), chosen.end());
  std::sort(names.begin(), names.end());
  std::map<std::string, VocImage> images;
  Hasher hasher;
  for (const std::string& name : names) {
    if (images.contains(name)) continue;
    NACRE_TRY(images[name], ReadImage(root, name, hasher));
  }
  const std::map<std::string, int64_t> ids = NumberClasses(images);
  Annotations found{.form = "Pascal VOC", .source = (list ? *list : root).string()};
  for (const auto& [name, id] : ids) found.classes.push_back({id, name});
  for (const std::string& name : chosen) {
    AddImage(images.at(name), ImagePath(root, name), ids, found);
    hasher.Add(name);
  }
  found.hash = hasher.Digest();
  return found;
}

}  // namespace nacre::data_internal
