#include "pipeline/solve_roots.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "base/log.h"
#include "forecast/priors.h"
#include "search/solver.h"
#include "space/rated.h"

namespace nacre {
namespace {

// A bound on another figure than the one that is minimised, as the solver takes it: the sum over
// the parts.
struct SecondBound {
  Objective figure = Objective::kSize;
  double most = 0;  // 0: none
};

// The latency that the sum over the table's entries may have, so that a whole network keeps `most`
// microseconds: the original takes the sum `kept` and an overhead.
double MostSum(const PricingContext& pricing, double kept, double most) {
  const double whole = pricing.overhead + pricing.scale * kept;
  const double share = most / pricing.original.latency;
  return std::max(1e-3, (share * whole - pricing.overhead) / pricing.scale);
}

// Bytes that the parts may have, as the rest of the network keeps what lies between them.
double MostBytes(double bound, double original, double kept) {
  return std::max(1.0, bound - (original - kept));
}

SecondBound BoundBeside(const PricingContext& pricing, const Usage& kept) {
  const Bounds& bounds = pricing.bounds;
  const Objective minimised = pricing.objective;
  const double latency = bounds.MostLatency(pricing.target.batch);
  if (latency > 0 && !MinimisesTime(minimised)) {
    return {Objective::kLatency, MostSum(pricing, kept.latency, latency)};
  }
  if (bounds.size > 0 && minimised != Objective::kSize) {
    return {Objective::kSize, MostBytes(bounds.size, pricing.original.size, kept.size)};
  }
  if (bounds.memory > 0 && minimised != Objective::kMemory) {
    return {Objective::kMemory, MostBytes(bounds.memory, pricing.original.memory, kept.memory)};
  }
  return {};
}

// What the solver may pick, and which candidate each choice is.
struct Choices {
  std::vector<Choice> choices;
  std::vector<int> candidates;
};

Choices ChoicesOf(const RatedSpace& rated, Objective second) {
  Choices all;
  const Objective objective = rated.pricing.objective;
  for (size_t i = 0; i < rated.space.candidates.size(); ++i) {
    if (!IsUsable(rated.space, objective, i)) continue;
    const RatedCandidate& each = rated.space.candidates[i];
    all.choices.push_back({.first = each.candidate.first,
                           .last = each.candidate.last,
                           .loss = *each.score,
                           .cost = Of(objective, *each.usage),
                           .second = Of(second, *each.usage)});
    all.candidates.push_back(static_cast<int>(i));
  }
  return all;
}

// The distinct solutions for each share of the cost of `whole`.
Expected<std::vector<Point>> Solve(const Choices& all, int blocks, const SolveLimits& whole,
                                   std::span<const double> shares) {
  std::vector<Point> roots;
  for (const double share : shares) {
    NACRE_TRY(const auto solutions,
              SolveBest(all.choices, blocks, {.cost = share * whole.cost, .second = whole.second},
                        static_cast<int>(priors::kSolutionsPerBudget),
                        static_cast<int>(priors::kSolutionDiversity)));
    for (const Solution& solution : solutions) {
      Point point;
      for (const int pick : solution.picks) point.genes.push_back(all.candidates[pick]);
      if (std::find(roots.begin(), roots.end(), point) == roots.end()) roots.push_back(point);
    }
  }
  return roots;
}

}  // namespace

Expected<std::vector<Point>> SolveForRoots(const RatedSpace& rated) {
  const PricingContext& pricing = rated.pricing;
  const Usage kept = SumOf(rated.space, Original(rated.space).picks);
  const SecondBound second = BoundBeside(pricing, kept);
  const Choices all = ChoicesOf(rated, second.figure);
  const int blocks = static_cast<int>(rated.space.blocks.size());
  const Objective objective = pricing.objective;
  const auto solve = [&](std::span<const double> shares) {
    return Solve(all, blocks, {.cost = Of(objective, kept), .second = second.most}, shares);
  };
  NACRE_TRY(std::vector<Point> roots, solve(priors::kSweep));
  // Few candidates may not do together what the sweep asks for.
  if (roots.empty()) {
    NACRE_TRY(roots, solve(priors::kMildSweep));
  }
  if (roots.empty() && pricing.bounds.any()) {
    return Fail(ErrorKind::kNothingMet,
                "no combination of candidates keeps the bounds of [objective]; loosen them");
  }
  if (roots.empty()) {
    Warn(
        fmt::format("no combination of candidates is better than the original in {} on this "
                    "target",
                    Name(objective)));
  }
  Info(fmt::format("solver: {} distinct architectures over {} budgets of {}", roots.size(),
                   std::size(priors::kSweep),
                   MinimisesTime(objective) ? "latency" : Name(objective)));
  return roots;
}

}  // namespace nacre
