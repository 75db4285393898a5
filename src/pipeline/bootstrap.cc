#include "pipeline/bootstrap.h"

#include "engine/shares.h"
#include "forecast/priors.h"
#include "graph/elastic.h"
#include "pipeline/accept.h"
#include "pipeline/original_result.h"
#include "pipeline/outputs.h"
#include "pipeline/reserve.h"
#include "pipeline/search_subnets.h"
#include "pipeline/stored_supernet.h"
#include "pipeline/supernet_stages.h"
#include "pipeline/teacher_outputs.h"

namespace nacre {
namespace {

constexpr size_t kRoles = 3;

// From the teacher's answers to the finalists.
Expected<void> SearchAndFinish(RunServices& run, const Ingested& in, const Baselines& baselines,
                               Seconds to_finish, double macs_per_second, History& history) {
  NACRE_TRY(Supernet supernet, PrepareSupernet(run, in, baselines, macs_per_second));
  const bool given = !run.config.supernet.empty();
  if (given) NACRE_CHECK_OK(AdoptSupernet(run, in, run.config.supernet, supernet));
  NACRE_TRY(const StoredAnswers answers, Timed(run, "teacher", [&] {
              return PrepareTeacherOutputs(run, in, baselines, run.budget.Total(), macs_per_second);
            }));
  NACRE_TRY(const SupernetTimes times, DivideTime(run, in, to_finish));
  if (!given) {
    NACRE_CHECK_OK(Timed(run, "supernet", [&]() -> Expected<void> {
      NACRE_CHECK_OK(TrainSupernet(run, in, answers, times.training, supernet));
      return WriteSupernet(run, in, supernet);
    }));
  }
  NACRE_CHECK_OK(Timed(run, "search", [&]() -> Expected<void> {
    const SubnetSearch search{
        .strategy = run.config.subnet_search, .time = times.search, .seed = run.config.seed};
    NACRE_CHECK_OK(SearchSubnets(run, supernet, baselines, search, history));
    return WriteSubnets(run, supernet, history);
  }));
  return Timed(run, "final",
               [&] { return FinishSubnets(run, in, answers, supernet, times.end, history); });
}

}  // namespace

Expected<Report> RunBootstrap(RunServices& run) {
  NACRE_TRY(const Ingested in, Timed(run, "ingest", [&] { return Ingest(run); }));
  NACRE_TRY(const Baselines baselines,
            Timed(run, "baselines", [&] { return MeasureBaselines(run, in); }));
  NACRE_TRY(const Seconds to_finish, SecondsToFinish(run, in, baselines, kRoles));
  NACRE_TRY(const bool time, IsTimeToSearch(run, in, to_finish));
  History history{.forecast = Forecast({in.accuracy.value, in.accuracy.images})};
  double macs_per_second = 0;
  if (time) {
    NACRE_TRY(macs_per_second, Timed(run, "speed", [&] { return MeasureTrainingSpeed(run, in); }));
    NACRE_CHECK_OK(SearchAndFinish(run, in, baselines, to_finish, macs_per_second, history));
  }
  const RatedSpace no_space;  // sub-networks have no candidates for blocks
  NACRE_TRY(QuantizedFinalist original, OriginalResult(run, in, baselines, no_space));
  NACRE_TRY(std::vector<QuantizedFinalist> finalists, Timed(run, "quantize", [&] {
              return QuantizeFinalists(run, in, run.budget, history.finalists);
            }));
  if (finalists.empty()) {
    NACRE_TRY(original.int8, GuardedInt8(run, in, original));
  }
  NACRE_TRY(Report report, Timed(run, "accept", [&] {
              return Accept(run, {in, baselines, no_space, finalists, original});
            }));
  finalists.push_back(original);
  NACRE_CHECK_OK(WriteOutputs(run, {in, history, finalists, macs_per_second}, report));
  return report;
}

Expected<std::vector<PlannedJobs>> PlanBootstrap(const RunConfig& config) {
  NACRE_TRY(const Core core, CoreForPlan(config));
  NACRE_TRY(const Elasticity elasticity, FindElasticity(core.network));
  if (elasticity.dimensions.empty()) return NothingIsElastic();
  const Seconds small = Seconds(priors::kSmallJobSeconds), budget = config.budget;
  const auto least = static_cast<size_t>(shares::kLeastSubnets),
             most = static_cast<size_t>(shares::kMostSubnets);
  const double finals = 1 - shares::kSupernetTraining - shares::kSubnetSearch;
  const Seconds time = shares::kTraining * budget, training = shares::kSupernetTraining * time;
  const auto segments = static_cast<size_t>(3 + training / Seconds(shares::kSegmentSeconds));
  return std::vector<PlannedJobs>{{"ingest", "reproduce", 1, 1, small},
                                  {"ingest", "trainable", 1, 1, small},
                                  {"baselines", "quantize", 1, 1, small},
                                  {"baselines", "latency", 1, 1, small},
                                  {"speed", "speed", 1, 1, small},
                                  {"teacher", "teacher", 1, 1, shares::kTeacherOutputs * budget},
                                  {"supernet", "supernet", 1, segments, training},
                                  {"search", "subnet", least, most, shares::kSubnetSearch * time},
                                  {"final", "train", kRoles, 20 * kRoles, finals * time},
                                  {"quantize", "int8", 1, kRoles, 0.5 * (budget - time)},
                                  {"accept", "accept", 4, 2 + 2 * kRoles, 0.5 * (budget - time)}};
}

}  // namespace nacre
