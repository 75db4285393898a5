// Step 5: exact choice of candidates over a sweep of budgets; the solutions are the roots of the
// tree.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "pipeline/context.h"
#include "search/solver.h"

namespace nacre {
namespace {

constexpr int kSolutionsPerBudget = 2;
constexpr int kDiversity = 2;
// Of what the original's parts take of the figure that is minimised.
constexpr double kSweep[] = {0.7, 0.6, 0.5, 0.42, 0.35, 0.3, 0.25, 0.2, 0.16, 0.13};

// A bound on another figure than the one that is minimised, as the solver takes it: the sum over
// the parts.
struct SecondLimit {
  double Usage::*figure = &Usage::size;
  double most = 0;  // 0: none
};

SecondLimit LimitBeside(const Context& context, const Usage& kept) {
  const Bounds& bounds = context.config.bounds;
  const double latency = bounds.MostLatency(context.config.target.batch);
  const auto beside = [&](double Usage::*figure, double bound) {
    return bound > 0 && context.Figure() != figure;
  };
  const auto left = [&](double Usage::*figure, double bound) {
    return std::max(1.0, bound - (context.original_usage.*figure - kept.*figure));
  };
  if (beside(&Usage::latency, latency)) {
    // Of the table's sums, in which the original takes `kept` and an overhead.
    const double whole = context.table.overhead + context.table.scale * kept.latency;
    const double share = latency / context.original_usage.latency;
    return {&Usage::latency,
            std::max(1e-3, (share * whole - context.table.overhead) / context.table.scale)};
  }
  if (beside(&Usage::size, bounds.size)) return {&Usage::size, left(&Usage::size, bounds.size)};
  if (beside(&Usage::memory, bounds.memory))
    return {&Usage::memory, left(&Usage::memory, bounds.memory)};
  return {};
}

}  // namespace

Expected<void> SolveForRoots(Context& context) {
  const Usage kept = context.SumOf(Original(context.space).picks);
  const SecondLimit second = LimitBeside(context, kept);
  std::vector<Choice> choices;
  std::vector<int> candidate_of;
  for (size_t i = 0; i < context.scores.size(); ++i) {
    const Candidate& candidate = context.space.candidates[i];
    if (context.scores[i] < 0 || !context.useful[i]) continue;
    choices.push_back({candidate.first, candidate.last, context.scores[i],
                       context.usages[i].*context.Figure(), context.usages[i].*second.figure});
    candidate_of.push_back(static_cast<int>(i));
  }
  const int blocks = static_cast<int>(context.space.blocks.size());
  for (double share : kSweep) {
    const SolveLimits limits{.latency = share * kept.*context.Figure(), .size = second.most};
    NACRE_TRY(const auto solutions,
              SolveBest(choices, blocks, limits, kSolutionsPerBudget, kDiversity));
    for (const Solution& solution : solutions) {
      Point point;
      for (int pick : solution.picks) point.genes.push_back(candidate_of[pick]);
      if (std::find(context.roots.begin(), context.roots.end(), point) == context.roots.end()) {
        context.roots.push_back(std::move(point));
      }
    }
  }
  if (context.roots.empty()) {
    return Fail(
        ErrorKind::kNothingMet,
        context.config.bounds.any()
            ? "no combination of candidates keeps the bounds of [objective]; loosen them"
            : fmt::format(
                  "no combination of candidates is better than the original in {} on this target",
                  context.config.objective));
  }
  Info(
      fmt::format("solver: {} distinct architectures over {} budgets of {}", context.roots.size(),
                  std::size(kSweep),
                  context.config.objective == "throughput" ? "latency" : context.config.objective));
  return {};
}

}  // namespace nacre
