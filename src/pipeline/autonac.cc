#include "pipeline/autonac.h"

#include "pipeline/accept.h"
#include "pipeline/outputs.h"
#include "pipeline/search_tree.h"
#include "pipeline/solve_roots.h"
#include "pipeline/train_finalists.h"

namespace nacre {
namespace {

// The rounds of all budgets that the run has had, one after the other.
std::vector<RoundScope> ScopesOf(const RunServices& run) {
  std::vector<RoundScope> scopes;
  for (const Round& round : RoundsOf(run.budgets)) {
    scopes.push_back({round, run.budget.Part(round.begin, round.end), run.budgets[round.budget]});
  }
  return scopes;
}

// The part of the run that ends with acceptance.
Budget LastBudget(const RunServices& run) {
  const size_t count = run.budgets.size();
  return run.budget.Part(count > 1 ? run.budgets[count - 2] : Seconds(0), run.budgets.back());
}

Aim AimOf(const Ingested& in, const RatedSpace& rated, double macs_per_second) {
  return {.original_cost = Of(rated.pricing.objective, rated.pricing.original),
          .limit = in.limit,
          .wanted = in.wanted,
          .macs_per_second = macs_per_second,
          .images = in.train->count()};
}

// One search with the training that follows.
Expected<void> RunRound(RunServices& run, const SearchInputs& inputs, const RoundScope& scope,
                        History& history) {
  NACRE_TRY(const StoredAnswers answers, Timed(run, "teacher", [&] {
              return PrepareTeacherOutputs(run, inputs.in, inputs.baselines, scope.total);
            }));
  NACRE_CHECK_OK(
      Timed(run, "tree", [&] { return SearchTree(run, inputs, scope, answers, history); }));
  return Timed(run, "final", [&] { return TrainFinalists(run, inputs, scope, answers, history); });
}

}  // namespace

Expected<Report> RunAutonac(RunServices& run) {
  NACRE_TRY(const Ingested in, Timed(run, "ingest", [&] { return Ingest(run); }));
  NACRE_TRY(const Baselines baselines,
            Timed(run, "baselines", [&] { return MeasureBaselines(run, in); }));
  NACRE_TRY(RatedSpace priced, Timed(run, "space", [&] { return PriceSpace(run, in, baselines); }));
  NACRE_TRY(const double speed, Timed(run, "speed", [&] { return MeasureTrainingSpeed(run, in); }));
  NACRE_TRY(DistilledSpace distilled, Timed(run, "distill", [&] {
              return DistilCandidates(run, in, speed, std::move(priced));
            }));
  NACRE_TRY(const RatedSpace rated, Timed(run, "score", [&] {
              return ScoreCandidates(run, in, speed, std::move(distilled));
            }));
  NACRE_TRY(const std::vector<Point> roots,
            Timed(run, "solve", [&] { return SolveForRoots(rated); }));
  const Aim aim = AimOf(in, rated, speed);
  const SearchInputs inputs{in, baselines, rated, roots, aim};
  History history{.forecast = Forecast(in.accuracies)};
  for (const RoundScope& scope : ScopesOf(run)) {
    NACRE_CHECK_OK(RunRound(run, inputs, scope, history));
  }
  NACRE_TRY(const std::vector<QuantizedFinalist> finalists, Timed(run, "quantize", [&] {
              return QuantizeFinalists(run, in, LastBudget(run), history.finalists);
            }));
  NACRE_TRY(Report report, Timed(run, "accept", [&] {
              return Accept(run, {in, baselines, rated, finalists});
            }));
  NACRE_CHECK_OK(WriteOutputs(run, {in, history, finalists, speed}, report));
  return report;
}

}  // namespace nacre
