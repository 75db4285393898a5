#include "pipeline/roots.h"

#include <algorithm>

#include "forecast/priors.h"
#include "space/rated.h"

namespace nacre {
namespace {

// Costs between which something new may lie.
struct CostRange {
  double least = 0, most = 0;
};

CostRange RangeBeside(const Aim& aim, const History& history) {
  CostRange range;
  for (const TrialRecord& trial : history.trials) {
    if (!trial.final) continue;
    range.most = std::max(range.most, trial.outcome.cost);
    const bool misses = trial.outcome.accuracy < aim.limit;
    if (misses) range.least = std::max(range.least, trial.outcome.cost);
  }
  if (range.least == range.most) {  // all of them are expected to miss the limit
    const double attains = aim.original_cost / history.forecast.Fastest(aim.limit);
    range.most = priors::kRootsFarther * std::max(range.most, attains);
  }
  return range;
}

}  // namespace

std::vector<Point> RootsOfRound(const std::vector<Point>& solved, const RatedSpace& rated,
                                const Aim& aim, const History& history) {
  std::vector<Point> roots;
  const auto add = [&](const Point& point) {
    if (std::find(roots.begin(), roots.end(), point) == roots.end()) roots.push_back(point);
  };
  for (const TrialRecord& trial : history.trials) {
    if (trial.final) add(trial.trial.point);
  }
  if (roots.empty()) return solved;
  const CostRange range = RangeBeside(aim, history);
  for (const Point& root : solved) {
    const Usage usage = Predicted(rated.space, rated.pricing, root.genes);
    const double cost = Of(rated.pricing.objective, usage);
    if (cost > range.least && cost < range.most) add(root);
  }
  return roots;
}

}  // namespace nacre
