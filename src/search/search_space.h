// The interface between strategies and what they search.
#pragma once

#include <optional>
#include <vector>

#include "base/random.h"
#include "search/point.h"

namespace nacre {

// All methods are deterministic: the same point gives the same answer for as long as the space
// lives.
class SearchSpace {
 public:
  virtual ~SearchSpace() = default;

  // The points that a search begins with, most expensive first.
  virtual std::vector<Point> Roots() const = 0;
  // The points that differ from `point` in one decision.
  virtual std::vector<Point> Neighbours(const Point& point) const = 0;
  // A child that mixes the decisions of both; nothing where no child differs from both.
  virtual std::optional<Point> Cross(const Point& one, const Point& other,
                                     Random& random) const = 0;
  // The predicted cost, in the unit of Outcome::cost; nothing where the point is not to be tried.
  virtual std::optional<double> Cost(const Point& point) const = 0;
  // What accuracy is predicted from. As many numbers for every point.
  virtual std::vector<double> Features(const Point& point) const = 0;
};

}  // namespace nacre
