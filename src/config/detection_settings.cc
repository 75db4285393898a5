#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sstream>

#include "config/setting.h"

namespace nacre::config_internal {
namespace {

constexpr char kAllowed[] =
    "auto, or some of xyxy, yxyx, cxcywh; side, pixel; 0, 1 (of the first class), with commas";

// False when there is no such word.
bool TakeWord(const Text& word, DetectionSettings& settings) {
  if (word == "xyxy") {
    settings.order = BoxOrder::kCorners;
  } else if (word == "yxyx") {
    settings.order = BoxOrder::kCornersByRows;
  } else if (word == "cxcywh") {
    settings.order = BoxOrder::kCentres;
  } else if (word == "side") {
    settings.unit = BoxUnit::kSide;
  } else if (word == "pixel") {
    settings.unit = BoxUnit::kPixel;
  } else if (word == "0" || word == "1") {
    settings.first_class = word == "1" ? 1 : 0;
  } else {
    return false;
  }
  return true;
}

Expected<void> SetBoxes(RunConfig& config, const Text& text) {
  DetectionSettings& settings = config.detection;
  settings.order = std::nullopt;
  settings.unit = std::nullopt;
  settings.first_class = std::nullopt;
  if (text == "auto") return {};
  std::stringstream parts(text);
  for (Text part; std::getline(parts >> std::ws, part, ',');) {
    if (!TakeWord(part, settings)) return Bad("data.boxes", text, kAllowed);
  }
  return {};
}

Text BoxesText(const DetectionSettings& settings) {
  std::vector<Text> words;
  if (settings.order) {
    words.emplace_back(*settings.order == BoxOrder::kCorners         ? "xyxy"
                       : *settings.order == BoxOrder::kCornersByRows ? "yxyx"
                                                                     : "cxcywh");
  }
  if (settings.unit) words.emplace_back(*settings.unit == BoxUnit::kSide ? "side" : "pixel");
  if (settings.first_class) words.push_back(std::to_string(*settings.first_class));
  return words.empty() ? "auto" : fmt::format("{}", fmt::join(words, ","));
}

}  // namespace

std::vector<Setting> DetectionSettingsList() {
  return {
      {"data.anchors", "--anchors",
       "file with the anchors that the raw heads of a detector are decoded with (JSON)",
       [](RunConfig& c, const Text& text) -> Expected<void> {
         c.detection.anchors = text;
         return {};
       },
       [](const RunConfig& c) {
         return c.detection.anchors.empty() ? Text()
                                            : fmt::format("\"{}\"", c.detection.anchors.string());
       }},
      {"data.boxes", "--boxes",
       "what a detector's boxes are: xyxy, yxyx or cxcywh; side (fractions) or pixel; number of "
       "the first class; default: what fits the selecting images best (auto)",
       SetBoxes, [](const RunConfig& c) {
         return c.task == TaskKind::kDetection ? fmt::format("\"{}\"", BoxesText(c.detection))
                                               : Text();
       }}};
}

}  // namespace nacre::config_internal
