// Boxes around objects, in pixels: a pixel at x is the interval [x, x + 1), so that the box of the
// whole picture is {0, 0, width, height}. Thread-safe.
#pragma once

#include <algorithm>

namespace nacre {

struct Box {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // left, top, right, bottom

  double width() const { return x1 - x0; }
  double height() const { return y1 - y0; }
  double area() const { return width() * height(); }
  // Also true when a coordinate is NaN.
  bool empty() const { return !(x1 > x0 && y1 > y0); }
  friend bool operator==(const Box&, const Box&) = default;
};

// Pixels that two boxes have in common; 0 where they only touch.
inline double SharedArea(const Box& a, const Box& b) {
  const double width = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
  const double height = std::min(a.y1, b.y1) - std::max(a.y0, b.y0);
  return width > 0 && height > 0 ? width * height : 0;
}

// Intersection over union, in [0, 1]. 0 where they share nothing.
inline double Iou(const Box& a, const Box& b) {
  const double shared = SharedArea(a, b);
  return shared > 0 ? shared / (a.area() + b.area() - shared) : 0;
}

// What lies inside a picture of this size, in pixels.
inline Box Clipped(const Box& box, double width, double height) {
  return {std::clamp(box.x0, 0.0, width), std::clamp(box.y0, 0.0, height),
          std::clamp(box.x1, 0.0, width), std::clamp(box.y1, 0.0, height)};
}

}  // namespace nacre
