#include "pipeline/tree_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/shares.h"
#include "forecast/priors.h"

namespace nacre {
namespace {

constexpr int kFewestTrials = 4, kMostTrials = 32;  // of the first rung
constexpr int kFewestSurvivors = 3;                 // of the second
constexpr int kTrialsPerSurvivor = 5;

// Epochs of final training for a network twice as fast as the original. A faster one trains for
// more in that time, but has less to learn with (decision 14).
double FinalEpochs(const RoundScope& scope, double epochs_per_second) {
  const double seconds = shares::kFinalists * scope.budget.Length().count();
  return epochs_per_second * seconds / static_cast<double>(scope.round.finalists);
}

}  // namespace

Expected<double> SearchSeconds(RunServices& run, const RoundScope& scope,
                               const std::string& identity) {
  const Budget& budget = scope.budget;
  const std::string name = fmt::format("search-seconds {} {}", identity, budget.Total().count());
  NACRE_TRY(auto decided, run.jobs.Decided(name));
  if (!decided) {
    const double end = budget.FromTheStart() ? shares::kSearchEnds : shares::kLaterSearchEnds;
    const Seconds left = budget.At(end) - budget.clock().Now();
    const Seconds all = budget.At(1) - budget.clock().Now();
    const double least = std::min(shares::kLeastSearch * budget.Length().count(),
                                  std::max(0.0, shares::kMostSearch * all.count()));
    decided = fmt::format("{}", std::round(std::max(left.count(), least)));
    NACRE_CHECK_OK(run.jobs.Decide(name, *decided));
  }
  return std::stod(*decided);
}

TreeSearchOptions PlanTree(const Aim& aim, const History& history, const RoundScope& scope,
                           double seconds, double macs) {
  // Of training a network twice as fast as the original.
  const double epochs_per_second =
      2 * aim.macs_per_second / (macs * static_cast<double>(aim.images));
  TreeSearchOptions options;
  const double each =
      std::max<double>(priors::kLeastTrialSeconds, priors::kLeastFirstEpochs / epochs_per_second);
  const int first =
      std::clamp(static_cast<int>(shares::kFirstRung * seconds / each), kFewestTrials, kMostTrials);
  options.rungs = {first, std::max(kFewestSurvivors, first / kTrialsPerSurvivor)};
  // More would be slower than need be; finalists are chosen by their chances (decision 17).
  options.wanted = aim.limit;
  options.trained = [forecast = history.forecast, original = aim.original_cost,
                     more = FinalEpochs(scope, epochs_per_second)](const Outcome& outcome) {
    const double speedup = original / std::max(outcome.cost, 1e-9);
    return forecast.After({outcome.accuracy, outcome.epochs, speedup}, more);
  };
  return options;
}

double SecondsOfTrial(double seconds, const TreeSearchOptions& plan, int rung) {
  const double share = rung == 0 ? shares::kFirstRung : shares::kSecondRung;
  return share * seconds / plan.rungs.at(static_cast<size_t>(rung));
}

}  // namespace nacre
