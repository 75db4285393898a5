// The interface between a search and what trains and measures its trials.
#pragma once

#include <span>
#include <vector>

#include "base/expected.h"
#include "search/point.h"

namespace nacre {

class Evaluator {
 public:
  virtual ~Evaluator() = default;

  // One result for each trial, in their order; trials may be evaluated side by side. A trial that
  // fails is an Outcome with an error, and the search goes on; an Error ends the search.
  virtual std::vector<Expected<Outcome>> Evaluate(std::span<const Trial> trials) = 0;
};

}  // namespace nacre
