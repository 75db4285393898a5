// The shapes that RenderShapes draws, as sets of points of the plane. Thread-safe.
#pragma once

#include <array>

namespace nacre {

constexpr int kShapeCount = 10;
// Class names, in the order of the class numbers (not sorted).
extern const std::array<const char*, kShapeCount> kShapeNames;

// Whether shape `shape` (0 .. kShapeCount - 1; others throw std::out_of_range) contains the point.
// All shapes fit into the unit circle about the origin, have about the same area, and point up
// (y = -1) if they point anywhere. The arithmetic is that of IEEE doubles, without library
// functions, so that it is the same on every machine.
bool ShapeHolds(int shape, double x, double y);

// Where a shape is in an image: centre and half-axes in pixels, rotated by the angle whose cosine
// and sine are given.
struct Pose {
  double x = 0, y = 0;
  double radius_x = 1, radius_y = 1;
  double cosine = 1, sine = 0;
};

// ShapeHolds in image coordinates.
bool ShapeHolds(int shape, const Pose& pose, double x, double y);

// Cosine and sine of `turn` full turns, in [0, 1): a Taylor polynomial, because implementations of
// libm differ in the last bit.
struct Direction {
  double cosine, sine;
};
Direction DirectionOf(double turn);

}  // namespace nacre
