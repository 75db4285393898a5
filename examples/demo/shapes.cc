#include "examples/demo/shapes.h"

#include <cstddef>

namespace nacre {
namespace {

struct Point {
  double x, y;
};

double Absolute(double x) { return x < 0 ? -x : x; }

// Even-odd rule.
template <size_t n>
bool PolygonHolds(const std::array<Point, n>& corners, double x, double y) {
  bool inside = false;
  for (size_t i = 0, j = n - 1; i < n; j = i++) {
    const Point &a = corners[i], &b = corners[j];
    if ((a.y > y) == (b.y > y)) continue;
    if (x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

constexpr std::array<Point, 3> kTriangle = {{{0, -1}, {0.87, 0.6}, {-0.87, 0.6}}};
constexpr std::array<Point, 6> kHexagon = {
    {{0, -0.92}, {0.797, -0.46}, {0.797, 0.46}, {0, 0.92}, {-0.797, 0.46}, {-0.797, -0.46}}};
constexpr std::array<Point, 5> kPentagon = {
    {{0, -0.95}, {0.904, -0.294}, {0.558, 0.769}, {-0.558, 0.769}, {-0.904, -0.294}}};
constexpr std::array<Point, 10> kStar = {{{0, -1},
                                          {0.2645, -0.3641},
                                          {0.9511, -0.309},
                                          {0.428, 0.1391},
                                          {0.5878, 0.809},
                                          {0, 0.45},
                                          {-0.5878, 0.809},
                                          {-0.428, 0.1391},
                                          {-0.9511, -0.309},
                                          {-0.2645, -0.3641}}};
constexpr std::array<Point, 7> kArrow = {{{0, -1},
                                          {0.85, -0.05},
                                          {0.36, -0.05},
                                          {0.36, 0.9},
                                          {-0.36, 0.9},
                                          {-0.36, -0.05},
                                          {-0.85, -0.05}}};

}  // namespace

const std::array<const char*, kShapeCount> kShapeNames = {
    "circle", "square", "triangle", "star",    "cross",
    "ring",   "arrow",  "crescent", "hexagon", "pentagon"};

bool ShapeHolds(int shape, double x, double y) {
  const double square = x * x + y * y;
  switch (shape) {
    case 0:
      return square < 0.77;
    case 1:
      return Absolute(x) < 0.72 && Absolute(y) < 0.72;
    case 2:
      return PolygonHolds(kTriangle, x, y);
    case 3:
      return PolygonHolds(kStar, x, y);
    case 4:
      return (Absolute(x) < 0.31 && Absolute(y) < 0.92) ||
             (Absolute(y) < 0.31 && Absolute(x) < 0.92);
    case 5:
      return square < 0.9 && square > 0.2;
    case 6:
      return PolygonHolds(kArrow, x, y);
    case 7:
      return square < 0.95 && (x - 0.45) * (x - 0.45) + y * y > 0.5;
    case 8:
      return PolygonHolds(kHexagon, x, y);
    default:
      return PolygonHolds(kPentagon, x, y);
  }
}

bool ShapeHolds(int shape, const Pose& pose, double x, double y) {
  const double dx = x - pose.x, dy = y - pose.y;
  return ShapeHolds(shape, (dx * pose.cosine + dy * pose.sine) / pose.radius_x,
                    (dy * pose.cosine - dx * pose.sine) / pose.radius_y);
}

Direction DirectionOf(double turn) {
  constexpr double kHalfPi = 1.5707963267948966;
  const int quarter = static_cast<int>(turn * 4) % 4;
  const double x = (turn * 4 - static_cast<int>(turn * 4)) * kHalfPi, s = x * x;
  const double sine =
      x * (1 - s / 6 * (1 - s / 20 * (1 - s / 42 * (1 - s / 72 * (1 - s / 110 * (1 - s / 156))))));
  const double cosine =
      1 - s / 2 * (1 - s / 12 * (1 - s / 30 * (1 - s / 56 * (1 - s / 90 * (1 - s / 132)))));
  switch (quarter) {
    case 0:
      return {cosine, sine};
    case 1:
      return {-sine, cosine};
    case 2:
      return {-cosine, -sine};
    default:
      return {sine, -cosine};
  }
}

}  // namespace nacre
