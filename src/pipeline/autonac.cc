#include "pipeline/autonac.h"

#include "pipeline/accept.h"
#include "pipeline/original_result.h"
#include "pipeline/outputs.h"
#include "pipeline/reserve.h"
#include "pipeline/search_tree.h"
#include "pipeline/solve_roots.h"
#include "pipeline/train_finalists.h"

namespace nacre {
namespace {

constexpr size_t kFinalistsOfBudget = 2;  // engine/rounds.h

// The rounds of all budgets that the run has had, one after the other.
std::vector<RoundScope> ScopesOf(const RunServices& run, Seconds to_finish) {
  std::vector<RoundScope> scopes;
  for (const Round& round : RoundsOf(run.budgets, to_finish)) {
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
              return PrepareTeacherOutputs(run, inputs.in, inputs.baselines, scope.total,
                                           inputs.aim.macs_per_second);
            }));
  NACRE_CHECK_OK(
      Timed(run, "tree", [&] { return SearchTree(run, inputs, scope, answers, history); }));
  return Timed(run, "final", [&] { return TrainFinalists(run, inputs, scope, answers, history); });
}

// The candidates with scores, where there is time to search at all, and what the search begins
// with.
struct Searchable {
  RatedSpace rated;
  double macs_per_second = 0;  // of training; 0: it was not measured
  std::vector<Point> roots;    // none: there is nothing to search
};

Expected<Searchable> PrepareSearch(RunServices& run, const Ingested& in, RatedSpace priced) {
  Searchable searchable;
  NACRE_TRY(searchable.macs_per_second,
            Timed(run, "speed", [&] { return MeasureTrainingSpeed(run, in); }));
  const double speed = searchable.macs_per_second;
  NACRE_TRY(DistilledSpace distilled, Timed(run, "distill", [&] {
              return DistilCandidates(run, in, speed, std::move(priced));
            }));
  NACRE_TRY(searchable.rated, Timed(run, "score", [&] {
              return ScoreCandidates(run, in, speed, std::move(distilled));
            }));
  NACRE_TRY(searchable.roots, Timed(run, "solve", [&] { return SolveForRoots(searchable.rated); }));
  return searchable;
}

}  // namespace

Expected<Report> RunAutonac(RunServices& run) {
  NACRE_TRY(const Ingested in, Timed(run, "ingest", [&] { return Ingest(run); }));
  NACRE_TRY(const Baselines baselines,
            Timed(run, "baselines", [&] { return MeasureBaselines(run, in); }));
  NACRE_TRY(const Seconds to_finish, SecondsToFinish(run, in, baselines, kFinalistsOfBudget));
  NACRE_TRY(RatedSpace priced, Timed(run, "space", [&] { return PriceSpace(run, in, baselines); }));
  NACRE_TRY(const bool time, IsTimeToSearch(run, in, to_finish));
  Searchable space{.rated = std::move(priced)};
  if (time) {
    NACRE_TRY(space, PrepareSearch(run, in, std::move(space.rated)));
  }
  const Aim aim = AimOf(in, space.rated, space.macs_per_second);
  const SearchInputs inputs{in, baselines, space.rated, space.roots, aim};
  History history{.forecast = Forecast({in.accuracy.value, in.accuracy.images})};
  for (const RoundScope& scope : ScopesOf(run, to_finish)) {
    if (space.roots.empty()) break;
    NACRE_CHECK_OK(RunRound(run, inputs, scope, history));
  }
  NACRE_TRY(QuantizedFinalist original, OriginalResult(run, in, baselines, space.rated));
  NACRE_TRY(std::vector<QuantizedFinalist> finalists, Timed(run, "quantize", [&] {
              return QuantizeFinalists(run, in, LastBudget(run), history.finalists);
            }));
  if (finalists.empty()) {
    NACRE_TRY(original.int8, GuardedInt8(run, in, original));
  }
  NACRE_TRY(Report report, Timed(run, "accept", [&] {
              return Accept(run, {in, baselines, space.rated, finalists, original});
            }));
  finalists.push_back(original);
  NACRE_CHECK_OK(WriteOutputs(run, {in, history, finalists, space.macs_per_second}, report));
  return report;
}

}  // namespace nacre
