// How much better than the best one so far an untried point is expected to be (Jones, Schonlau and
// Welch, 1998; decision 9). Private to search/.
#pragma once

#include "search/tree_search.h"

namespace nacre::search_internal {

// What tree search minimises: the natural logarithm of the outcome's cost, plus a price for the
// accuracy by which it is expected to miss the wanted one after the final training.
double PenalizedCost(const Outcome& outcome, const TreeSearchOptions& options);

struct Expectation {
  double improvement = 0;  // by which the penalized cost falls below the incumbent's, on average
  double penalized = 0;    // the penalized cost at the mean; decides where nothing is to improve

  bool IsBetterThan(const Expectation& other) const;
};

// For an outcome whose accuracy is normally distributed around that of `mean`. `incumbent`: the
// lowest penalized cost so far; infinite where there is none.
Expectation Expect(const Outcome& mean, double deviation, double incumbent,
                   const TreeSearchOptions& options);

}  // namespace nacre::search_internal
