#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/setting.h"

namespace nacre::config_internal {
namespace {

Setting ListSetting(Text key, Text flag, Text help, std::vector<double> Preprocess::*field) {
  return {key, flag, help,
          [=](RunConfig& c, const Text& text) -> Expected<void> {
            NACRE_TRY(c.preprocess.*field, Numbers(key, text, -1e6, 1e6));
            return {};
          },
          [=](const RunConfig& c) {
            return fmt::format("[{}]", fmt::join(c.preprocess.*field, ", "));
          }};
}

std::vector<Setting> ShapeSettings() {
  return {
      {"data.preprocess.size", "--size", "height,width in pixels; default: the network's input",
       [](RunConfig& c, const Text& text) -> Expected<void> {
         NACRE_TRY(const auto size, Numbers("data.preprocess.size", text, 1, 16384));
         if (size.size() != 2) return Bad("data.preprocess.size", text, "height,width");
         c.preprocess.height = static_cast<int64_t>(size[0]);
         c.preprocess.width = static_cast<int64_t>(size[1]);
         return {};
       },
       [](const RunConfig& c) {
         return c.preprocess.height == 0
                    ? Text()
                    : fmt::format("[{}, {}]", c.preprocess.height, c.preprocess.width);
       }},
      {"data.preprocess.color", "--color", "channel order (rgb | bgr | gray)",
       [](RunConfig& c, const Text& text) -> Expected<void> {
         const auto color = ParseColor(text);
         if (!color) return Bad("data.preprocess.color", text, "one of rgb, bgr, gray");
         c.preprocess.color = *color;
         return {};
       },
       [](const RunConfig& c) { return fmt::format("\"{}\"", ColorName(c.preprocess.color)); }},
      {"data.preprocess.resize", "--resize", "how images reach the size (stretch | crop)",
       [](RunConfig& c, const Text& text) -> Expected<void> {
         const auto resize = ParseResize(text);
         if (!resize) return Bad("data.preprocess.resize", text, "one of stretch, crop");
         c.preprocess.resize = *resize;
         return {};
       },
       [](const RunConfig& c) { return fmt::format("\"{}\"", ResizeName(c.preprocess.resize)); }}};
}

std::vector<Setting> ValueSettings() {
  return {
      NumberSetting(
          "data.preprocess.side", "--side",
          "with resize = crop: pixels that the shorter side is scaled to before the crop, as in "
          "256 "
          "before 224; default: just enough",
          {1, 16384, true},
          [](RunConfig& c, double v) { c.preprocess.side = static_cast<int64_t>(v); },
          [](const RunConfig& c) {
            return c.preprocess.side > 0 ? fmt::format("{}", c.preprocess.side) : Text();
          }),
      {"data.preprocess.interpolation", "--interpolation",
       "filter of resizing, as in Pillow (bilinear | bicubic)",
       [](RunConfig& c, const Text& text) -> Expected<void> {
         const auto interpolation = ParseInterpolation(text);
         if (!interpolation)
           return Bad("data.preprocess.interpolation", text, "one of bilinear, bicubic");
         c.preprocess.interpolation = *interpolation;
         return {};
       },
       [](const RunConfig& c) {
         return fmt::format("\"{}\"", InterpolationName(c.preprocess.interpolation));
       }},
      NumberSetting(
          "data.preprocess.scale", "--scale", "pixel / scale, then (x - mean) / std",
          {1e-6, 1e6, false}, [](RunConfig& c, double v) { c.preprocess.scale = v; },
          [](const RunConfig& c) { return fmt::format("{}", c.preprocess.scale); }),
      ListSetting("data.preprocess.mean", "--mean", "per channel, after scale", &Preprocess::mean),
      ListSetting("data.preprocess.std", "--std", "per channel, after scale", &Preprocess::std)};
}

}  // namespace

std::vector<Setting> PreprocessSettings() {
  std::vector<Setting> all = ShapeSettings();
  for (Setting& setting : ValueSettings()) all.push_back(std::move(setting));
  return all;
}

}  // namespace nacre::config_internal
