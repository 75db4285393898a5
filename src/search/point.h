// What a search is about: points of a space, trials of them, and what trials come to. Plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace nacre {

// One point of a search space, as a strategy sees it. What genes and moves mean is the space's: for
// architectures a gene is the index of a candidate, in the order of the blocks that they cover.
struct Point {
  std::vector<int> genes;
  std::vector<std::string> moves;  // changes of the whole network on top, by id, in order

  // Unique among the points of a space, and the same in every run.
  std::string Key() const;
  bool operator==(const Point&) const = default;
};

// A point that is to be evaluated. Higher rungs train their points for longer.
struct Trial {
  Point point;
  int rung = 0;
  // The evaluated point that this one modifies, whose training it may inherit.
  std::optional<Point> parent = {};
};

struct Outcome {
  double accuracy = 0;  // in [0, 1], higher is better
  double cost = 0;      // what is minimised: microseconds, or bytes
  // Epochs of training behind the accuracy; inherited ones count by the share of the blocks that
  // have them.
  double epochs = 0;
  std::string error = {};  // not empty: the trial failed, and its other members mean nothing

  // It has no error, and neither its accuracy nor its cost is NaN.
  bool Succeeded() const;
};

}  // namespace nacre
