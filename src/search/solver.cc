#include "search/solver.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "search/cover.h"
#include "search/cover_program.h"
#include "search/pricing.h"

namespace nacre {

using search_internal::CoverProblem;
using search_internal::LossBounds;

namespace {

std::vector<int> ColumnsWithin(const LossBounds& bounds, double most) {
  std::vector<int> columns;
  for (size_t i = 0; i < bounds.through.size(); ++i) {
    if (bounds.through[i] <= most) columns.push_back(static_cast<int>(i));
  }
  return columns;
}

// The bound up to which all choices that any cover has are looked at.
double Widest(const LossBounds& bounds) {
  double widest = -std::numeric_limits<double>::infinity();
  for (const double through : bounds.through) {
    if (!std::isinf(through)) widest = std::max(widest, through);
  }
  return widest;
}

// Exact, though few choices are looked at: no cover whose loss is at most `most` has a choice whose
// bound is above it, so when the best cover over the others loses at most `most`, it is the best of
// all. Leaves in `most` what was needed.
Expected<std::optional<Solution>> SolvePriced(const CoverProblem& problem, const LossBounds& bounds,
                                              double& most) {
  constexpr double kWiden = 4;
  const double widest = Widest(bounds);
  for (;;) {
    NACRE_TRY(auto solution, SolveOver(problem, ColumnsWithin(bounds, most)));
    if (widest <= most || (solution && solution->loss <= most)) return solution;
    const double wider = bounds.best + kWiden * (most - bounds.best);
    most = solution ? std::max(most, solution->loss) + 1e-9 : std::max(wider, most + 1e-6);
  }
}

// The loss to begin with: the best cover lies between the bound and a rough one, mostly close to
// the bound. A guess that is wrong costs another program, not exactness.
double FirstGuess(const CoverProblem& problem, const LossBounds& bounds) {
  constexpr double kShareOfRough = 1.0 / 16;
  constexpr double kShareOfBound = 0.01;
  const double scale = std::max(std::abs(bounds.best), 1e-3);
  double more = kShareOfBound * scale;
  if (problem.limits.cost > 0) {
    const Solution rough = SolveDynamic(problem.choices, problem.blocks, problem.limits.cost);
    if (!rough.picks.empty()) more = kShareOfRough * (rough.loss - bounds.best);
  }
  return bounds.best + more + 1e-9 * scale;
}

bool IsFinite(const Choice& choice) {
  return std::isfinite(choice.loss + choice.cost + choice.second);
}

}  // namespace

Expected<std::vector<Solution>> SolveBest(const std::vector<Choice>& choices, int blocks,
                                          const SolveLimits& limits, int count, int diversity) {
  search_internal::CheckBlocks(choices, blocks);
  if (!std::all_of(choices.begin(), choices.end(), IsFinite)) {
    return Fail(
        ErrorKind::kInternal,
        "a choice's loss, cost or second figure is not finite: leave failed candidates out");
  }
  if (choices.empty() || blocks <= 0) return std::vector<Solution>();
  CoverProblem problem{choices, blocks, limits, diversity, {}};
  const LossBounds bounds = search_internal::LowerBounds(choices, blocks, limits.cost);
  if (std::isinf(bounds.best)) return std::vector<Solution>();  // no cover keeps the limit
  double most = FirstGuess(problem, bounds);
  while (static_cast<int>(problem.found.size()) < count) {
    NACRE_TRY(auto solution, SolvePriced(problem, bounds, most));
    if (!solution) break;
    // The next one loses no less; how much more is a guess that costs little when it is wrong.
    most = std::max(most, solution->loss + 0.1 * (solution->loss - bounds.best));
    problem.found.push_back(std::move(*solution));
  }
  return std::move(problem.found);
}

}  // namespace nacre
