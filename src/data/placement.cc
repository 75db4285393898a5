#include "data/placement.h"

#include <cmath>
#include <stdexcept>

namespace nacre {
namespace {

// The long side is rounded down, as torchvision does.
PictureSize Covering(PictureSize source, const Preprocess& preprocess) {
  const int64_t height = preprocess.height, width = preprocess.width, side = preprocess.side;
  const bool wide =
      side > 0 ? source.height <= source.width : source.height * width < source.width * height;
  const int64_t scaled = side > 0 ? side : wide ? height : width;
  if (wide) return {source.width * scaled / source.height, scaled};
  return {scaled, source.height * scaled / source.width};
}

double Ratio(int64_t scaled, int64_t source) {
  return static_cast<double>(scaled) / static_cast<double>(source);
}

}  // namespace

Box Placement::ToInput(const Box& box) const {
  const double across = Ratio(scaled.width, source.width);
  const double down = Ratio(scaled.height, source.height);
  const auto x = static_cast<double>(left), y = static_cast<double>(top);
  return {box.x0 * across - x, box.y0 * down - y, box.x1 * across - x, box.y1 * down - y};
}

Box Placement::ToSource(const Box& box) const {
  const double across = Ratio(source.width, scaled.width);
  const double down = Ratio(source.height, scaled.height);
  const auto x = static_cast<double>(left), y = static_cast<double>(top);
  return {(box.x0 + x) * across, (box.y0 + y) * down, (box.x1 + x) * across, (box.y1 + y) * down};
}

Placement PlaceInInput(PictureSize source, const Preprocess& preprocess) {
  const int64_t height = preprocess.height, width = preprocess.width;
  if (source.width <= 0 || source.height <= 0 || height <= 0 || width <= 0)
    throw std::logic_error("PlaceInInput: a side is 0");
  if (preprocess.resize == ResizeMode::kStretch)
    return {.source = source, .scaled = {width, height}};
  const PictureSize scaled = Covering(source, preprocess);
  // Halves go to the even number, as in Python and so in torchvision.
  return {.source = source,
          .scaled = scaled,
          .left = std::llrint(static_cast<double>(scaled.width - width) / 2),
          .top = std::llrint(static_cast<double>(scaled.height - height) / 2)};
}

}  // namespace nacre
