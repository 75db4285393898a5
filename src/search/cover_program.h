// The choice of a cover as a binary program, solved by HiGHS. Private to search/.
#pragma once

#include <optional>
#include <vector>

#include "search/solver.h"

namespace nacre::search_internal {

struct CoverProblem {
  const std::vector<Choice>& choices;
  int blocks = 0;
  SolveLimits limits;
  int diversity = 1;            // picks by which a solution differs from each one found
  std::vector<Solution> found;  // earlier solutions
};

// The best cover by the choices `columns` alone; nothing when there is none. Error (kInternal):
// HiGHS fails.
Expected<std::optional<Solution>> SolveOver(const CoverProblem& problem,
                                            const std::vector<int>& columns);

}  // namespace nacre::search_internal
