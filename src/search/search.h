// Ask/tell search over architectures. Knows no torch and no OpenVINO: it asks, somebody evaluates,
// it is told.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/random.h"

namespace nacre {

// What a strategy sees of one point of the space. `genes` index candidates
// (space::Architecture::picks).
struct Point {
  std::vector<int> genes;
  std::vector<std::string> moves;  // macro moves on top, by id, in order
  std::string Key() const;
  bool operator==(const Point&) const = default;
};

struct Outcome {
  double accuracy = 0;  // in [0, 1], higher is better
  double cost = 0;      // what is minimised: microseconds, or bytes
  double epochs =
      0;  // of training behind the accuracy, what was inherited counted by the share of the blocks
  std::string error = {};  // not empty: failed; the search goes on
};

struct Trial {
  Point point;
  int rung = 0;
  std::optional<Point> parent =
      {};  // the evaluated point that it modifies, whose training it may inherit
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  // The next trial to evaluate; nothing when the search has ended.
  virtual std::optional<Trial> Ask() = 0;
  virtual void Tell(const Trial& trial, const Outcome& outcome) = 0;
};

// Points that no other beats in both accuracy and cost, cheapest first. Failed outcomes never
// count.
struct Evaluated {
  Trial trial;
  Outcome outcome;
};
std::vector<Evaluated> ParetoFront(std::vector<Evaluated> evaluated);

}  // namespace nacre
