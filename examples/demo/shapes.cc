#include "examples/demo/shapes.h"

#include <cstddef>

namespace nacre {
namespace {

struct Point {
  double x, y;
};

double Absolute(double x) { return x < 0 ? -x : x; }

// By the even-odd rule: a ray from the point to the right crosses the border an odd number of
// times.
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

double SquaredRadius(double x, double y) { return x * x + y * y; }

bool CircleHolds(double x, double y) { return SquaredRadius(x, y) < 0.77; }

bool SquareHolds(double x, double y) { return Absolute(x) < 0.72 && Absolute(y) < 0.72; }

bool TriangleHolds(double x, double y) { return PolygonHolds(kTriangle, x, y); }

bool StarHolds(double x, double y) { return PolygonHolds(kStar, x, y); }

bool CrossHolds(double x, double y) {
  const bool is_upright = Absolute(x) < 0.31 && Absolute(y) < 0.92;
  const bool is_level = Absolute(y) < 0.31 && Absolute(x) < 0.92;
  return is_upright || is_level;
}

bool RingHolds(double x, double y) {
  const double square = SquaredRadius(x, y);
  return square < 0.9 && square > 0.2;
}

bool ArrowHolds(double x, double y) { return PolygonHolds(kArrow, x, y); }

// A disc without another disc to its right.
bool CrescentHolds(double x, double y) {
  return SquaredRadius(x, y) < 0.95 && (x - 0.45) * (x - 0.45) + y * y > 0.5;
}

bool HexagonHolds(double x, double y) { return PolygonHolds(kHexagon, x, y); }

bool PentagonHolds(double x, double y) { return PolygonHolds(kPentagon, x, y); }

// In the order of kShapeNames.
using Holds = bool (*)(double x, double y);
constexpr std::array<Holds, kShapeCount> kHolds = {
    CircleHolds, SquareHolds, TriangleHolds, StarHolds,    CrossHolds,
    RingHolds,   ArrowHolds,  CrescentHolds, HexagonHolds, PentagonHolds};

}  // namespace

const std::array<const char*, kShapeCount> kShapeNames = {
    "circle", "square", "triangle", "star",    "cross",
    "ring",   "arrow",  "crescent", "hexagon", "pentagon"};

bool ShapeHolds(int shape, double x, double y) {
  return kHolds.at(static_cast<size_t>(shape))(x, y);
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
