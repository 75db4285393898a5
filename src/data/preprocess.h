// What is done to an image between its file and the network's input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"

namespace nacre {

// The network's channels, first to last.
enum class ColorOrder { kRgb, kBgr, kGray };
std::string ColorName(ColorOrder color);                      // "rgb", "bgr" or "gray"
std::optional<ColorOrder> ParseColor(std::string_view name);  // nothing when it is none of them

// How an image gets the network's size. kStretch: both sides are scaled. kCrop: the shorter side is
// scaled and the centre cut out.
enum class ResizeMode { kStretch, kCrop };
// The filter of resizing, as Pillow has it: with a support that grows when an image shrinks.
enum class Interpolation { kBilinear, kBicubic };
std::string InterpolationName(Interpolation interpolation);  // "bilinear" or "bicubic"
std::optional<Interpolation> ParseInterpolation(std::string_view name);

std::string ResizeName(ResizeMode resize);                     // "stretch" or "crop"
std::optional<ResizeMode> ParseResize(std::string_view name);  // nothing when it is neither

// (pixel / scale - mean) / std for each channel, channels in network order (after `color`).
struct Preprocess {
  int64_t height = 0, width = 0;  // pixels; 0: the network's input size
  ColorOrder color = ColorOrder::kRgb;
  double scale = 255.0;
  std::vector<double> mean, std;  // for each channel; empty: 0 and 1
  ResizeMode resize = ResizeMode::kStretch;
  // Of kCrop: pixels that the shorter side is scaled to before the centre is cut out, as in the
  // usual 256 before 224. 0: the smallest size that covers the crop.
  int64_t side = 0;
  Interpolation interpolation = Interpolation::kBilinear;

  // Of the network's input: 1 for gray, else 3.
  int64_t channels() const { return color == ColorOrder::kGray ? 1 : 3; }
};

// Error (kUsage) when a field is out of its range; names the field. Sizes of 0 are allowed here.
Expected<void> CheckPreprocess(const Preprocess& preprocess);

}  // namespace nacre
