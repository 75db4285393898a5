// Step 5: exact choice of candidates over a sweep of latency budgets; the solutions are the roots of the tree.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "pipeline/context.h"
#include "search/solver.h"

namespace nacre {
namespace {

constexpr int kSolutionsPerBudget = 2;
constexpr int kDiversity = 2;
// Of the original's predicted latency.
constexpr double kSweep[] = {0.7, 0.6, 0.5, 0.42, 0.35, 0.3, 0.25, 0.2, 0.16, 0.13};

}  // namespace

Expected<void> SolveForRoots(Context& context) {
  std::vector<Choice> choices;
  std::vector<int> candidate_of;
  const double original = context.KeptLatency();
  for (size_t i = 0; i < context.scores.size(); ++i) {
    const Candidate& candidate = context.space.candidates[i];
    if (context.scores[i] < 0 || context.latencies[i] < 0) continue;
    choices.push_back({candidate.first, candidate.last, context.scores[i], context.latencies[i], 0});
    candidate_of.push_back(static_cast<int>(i));
  }
  const int blocks = static_cast<int>(context.space.blocks.size());
  for (double share : kSweep) {
    NACRE_TRY(const auto solutions, SolveBest(choices, blocks, {.latency = share * original},
                                              kSolutionsPerBudget, kDiversity));
    for (const Solution& solution : solutions) {
      Point point;
      for (int pick : solution.picks) point.genes.push_back(candidate_of[pick]);
      if (std::find(context.roots.begin(), context.roots.end(), point) == context.roots.end()) {
        context.roots.push_back(std::move(point));
      }
    }
  }
  if (context.roots.empty()) {
    return Fail(ErrorKind::kNothingMet, "no combination of candidates is faster than the original "
                                        "on this target");
  }
  Info(fmt::format("solver: {} distinct architectures over {} latency budgets",
                   context.roots.size(), std::size(kSweep)));
  return {};
}

}  // namespace nacre
