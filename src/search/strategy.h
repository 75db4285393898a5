// Ask/tell search (as nevergrad's and TVM's): a strategy says what to try, somebody evaluates it,
// and the strategy is told the outcome. Strategies know neither torch nor a compiler.
#pragma once

#include <cstddef>
#include <vector>

#include "search/point.h"

namespace nacre {

// Not thread-safe: Ask and Tell are called from one thread.
class Strategy {
 public:
  virtual ~Strategy() = default;

  // At most `most` trials that may be evaluated side by side, none of them asked for before. Empty:
  // the search has ended, or all that is left waits for outcomes of trials that were asked for.
  virtual std::vector<Trial> Ask(size_t most) = 0;
  // Outcomes may come in any order. A trial that is never told is never asked for again.
  virtual void Tell(const Trial& trial, const Outcome& outcome) = 0;
};

}  // namespace nacre
