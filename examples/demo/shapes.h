// The shapes that RenderShapes draws, as sets of points of the plane.
#pragma once

#include <array>

namespace nacre {

constexpr int kShapeCount = 10;
// Class names, in the order of the class numbers (not sorted).
extern const std::array<const char*, kShapeCount> kShapeNames;

// Whether shape `shape` (0 .. kShapeCount - 1) holds the point. All shapes fit the unit circle
// about the origin, are of about the same area, and point up (y = -1) where they point. Exact
// arithmetic of IEEE doubles: no library function.
bool ShapeHolds(int shape, double x, double y);

// Where a shape lies in an image: centre and half-axes in pixels, turned by the angle whose cosine
// and sine are given.
struct Pose {
  double x = 0, y = 0;
  double radius_x = 1, radius_y = 1;
  double cosine = 1, sine = 0;
};

// ShapeHolds in image coordinates.
bool ShapeHolds(int shape, const Pose& pose, double x, double y);

// Cosine and sine of `turn` full turns, in [0, 1): a Taylor polynomial, since libm's differ in the
// last bit.
struct Direction {
  double cosine, sine;
};
Direction DirectionOf(double turn);

}  // namespace nacre
