#include "search/expected_improvement.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace nacre::search_internal {

double PenalizedCost(const Outcome& outcome, const TreeSearchOptions& options) {
  const double shortfall = std::max(0.0, options.wanted - options.trained(outcome));
  return std::log(std::max(outcome.cost, 1e-9)) + priors::kShortfallPrice * shortfall;
}

bool Expectation::IsBetterThan(const Expectation& other) const {
  if (improvement != other.improvement) return improvement > other.improvement;
  return penalized < other.penalized;
}

Expectation Expect(const Outcome& mean, double deviation, double incumbent,
                   const TreeSearchOptions& options) {
  // The mean over equally likely quantiles, since `trained` may be any function: 1/18, 3/18, ...
  // 17/18 of the standard normal distribution.
  constexpr double kQuantiles[] = {-1.593, -0.967, -0.589, -0.282, 0, 0.282, 0.589, 0.967, 1.593};
  Expectation expectation;
  for (const double z : kQuantiles) {
    Outcome outcome = mean;
    outcome.accuracy = std::clamp(mean.accuracy + z * deviation, 0.0, 1.0);
    const double penalized = PenalizedCost(outcome, options);
    expectation.improvement += std::max(0.0, incumbent - penalized) / std::size(kQuantiles);
    if (z == 0) expectation.penalized = penalized;
  }
  return expectation;
}

}  // namespace nacre::search_internal
