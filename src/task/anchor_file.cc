#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/read_file.h"
#include "task/detector_outputs.h"

namespace nacre {
namespace {

using Json = nlohmann::json;

tl::unexpected<Error> Bad(const std::filesystem::path& path, const std::string& what) {
  return Fail(ErrorKind::kData,
              fmt::format("{}: {}; anchors are JSON: {{\"anchors\": [[centre x, centre y, width, "
                          "height], ...]}} in fractions of the input's sides",
                          path.string(), what));
}

// Nothing unless it is four finite numbers, the last two above 0.
std::optional<Anchor> AnchorFrom(const Json& row) {
  if (!row.is_array() || row.size() != 4) return std::nullopt;
  for (const Json& each : row) {
    if (!each.is_number() || !std::isfinite(each.get<double>())) return std::nullopt;
  }
  const Anchor anchor{row[0], row[1], row[2], row[3]};
  if (anchor.width <= 0 || anchor.height <= 0) return std::nullopt;
  return anchor;
}

// Nothing unless it is a number above 0, or is not there.
std::optional<double> ScaleFrom(const Json& code, const char* key, double otherwise) {
  if (!code.contains(key)) return otherwise;
  const Json& value = code[key];
  if (!value.is_number() || !(value.get<double>() > 0)) return std::nullopt;
  return value.get<double>();
}

}  // namespace

Expected<AnchorSet> ReadAnchors(const std::filesystem::path& path) {
  const auto text = ReadWholeFile(path);
  if (!text) return Bad(path, text.error().message);
  const Json json = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("anchors") || !json["anchors"].is_array() ||
      json["anchors"].empty()) {
    return Bad(path, "no list of anchors");
  }
  AnchorSet set;
  for (const Json& row : json["anchors"]) {
    const auto anchor = AnchorFrom(row);
    if (!anchor) return Bad(path, fmt::format("anchor {} is wrong", set.anchors.size()));
    set.anchors.push_back(*anchor);
  }
  if (!json.contains("box_code")) return set;
  const Json& code = json["box_code"];
  const auto centre = ScaleFrom(code, "centre_scale", set.code.centre_scale);
  const auto size = ScaleFrom(code, "size_scale", set.code.size_scale);
  if (!centre || !size) return Bad(path, "a scale of box_code is no number above 0");
  set.code = {*centre, *size};
  return set;
}

}  // namespace nacre
