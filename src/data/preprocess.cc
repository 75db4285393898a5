#include "data/preprocess.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace nacre {
namespace {

struct NamedColor {
  ColorOrder color;
  const char* name;
};
constexpr NamedColor kColors[] = {
    {ColorOrder::kRgb, "rgb"}, {ColorOrder::kBgr, "bgr"}, {ColorOrder::kGray, "gray"}};

struct NamedResize {
  ResizeMode resize;
  const char* name;
};
constexpr NamedResize kResizes[] = {{ResizeMode::kStretch, "stretch"}, {ResizeMode::kCrop, "crop"}};

Expected<void> CheckPerChannel(const Preprocess& preprocess, const std::vector<double>& values,
                               const char* name) {
  if (values.empty() || static_cast<int64_t>(values.size()) == preprocess.channels()) return {};
  return Fail(ErrorKind::kUsage,
              fmt::format("preprocessing: {} has {} values, but {} images have {} channels: give "
                          "one value for each channel",
                          name, values.size(), ColorName(preprocess.color), preprocess.channels()));
}

}  // namespace

std::string ColorName(ColorOrder color) {
  for (const NamedColor& each : kColors) {
    if (each.color == color) return each.name;
  }
  throw std::logic_error("ColorName: not a color order");
}

std::optional<ColorOrder> ParseColor(std::string_view name) {
  for (const NamedColor& each : kColors) {
    if (each.name == name) return each.color;
  }
  return std::nullopt;
}

std::string ResizeName(ResizeMode resize) {
  for (const NamedResize& each : kResizes) {
    if (each.resize == resize) return each.name;
  }
  throw std::logic_error("ResizeName: not a way to resize");
}

std::optional<ResizeMode> ParseResize(std::string_view name) {
  for (const NamedResize& each : kResizes) {
    if (each.name == name) return each.resize;
  }
  return std::nullopt;
}

std::string InterpolationName(Interpolation interpolation) {
  return interpolation == Interpolation::kBicubic ? "bicubic" : "bilinear";
}

std::optional<Interpolation> ParseInterpolation(std::string_view name) {
  for (const Interpolation each : {Interpolation::kBilinear, Interpolation::kBicubic}) {
    if (name == InterpolationName(each)) return each;
  }
  return std::nullopt;
}

namespace {

Expected<void> CheckSide(const Preprocess& p) {
  if (p.side < 0) return Fail(ErrorKind::kUsage, "preprocessing: side must not be negative");
  if (p.side == 0) return {};
  if (p.resize != ResizeMode::kCrop) {
    return Fail(ErrorKind::kUsage,
                "preprocessing: side is what images are scaled to before the crop: give resize = "
                "crop too");
  }
  if (p.side >= std::max(p.height, p.width)) return {};
  return Fail(ErrorKind::kUsage,
              fmt::format("preprocessing: images of side {} do not cover a crop of {} x {}: give a "
                          "larger side",
                          p.side, p.height, p.width));
}

}  // namespace

Expected<void> CheckPreprocess(const Preprocess& preprocess) {
  if (!(preprocess.scale > 0)) {
    return Fail(ErrorKind::kUsage, fmt::format("preprocessing: scale {} must be above 0 (255 "
                                               "brings pixels to 0..1)",
                                               preprocess.scale));
  }
  if (preprocess.height < 0 || preprocess.width < 0) {
    return Fail(ErrorKind::kUsage, "preprocessing: height and width must not be negative");
  }
  NACRE_CHECK_OK(CheckSide(preprocess));
  NACRE_CHECK_OK(CheckPerChannel(preprocess, preprocess.mean, "mean"));
  NACRE_CHECK_OK(CheckPerChannel(preprocess, preprocess.std, "std"));
  for (const double deviation : preprocess.std) {
    if (deviation > 0) continue;
    return Fail(ErrorKind::kUsage, fmt::format("preprocessing: std {} must be above 0", deviation));
  }
  return {};
}

}  // namespace nacre
