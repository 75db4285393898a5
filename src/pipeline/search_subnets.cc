#include "pipeline/search_subnets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/log.h"
#include "engine/shares.h"
#include "pipeline/decided_number.h"
#include "search/evaluator.h"
#include "search/nsga2.h"
#include "search/run_search.h"

namespace nacre {
namespace {

class SubnetEvaluator : public Evaluator {
 public:
  SubnetEvaluator(RunServices& run, const Supernet& supernet, const Baselines& baselines,
                  History& history)
      : run_(run), supernet_(supernet), baselines_(baselines), history_(history) {}

  void Expect(int evaluations) { expected_ = evaluations; }

  std::vector<Expected<Outcome>> Evaluate(std::span<const Trial> trials) override {
    std::vector<Expected<Outcome>> outcomes;
    for (const Trial& trial : trials) {
      auto outcome = Judge(trial);
      if (!outcome && !run_.jobs.EndsRun(outcome.error()))
        outcome = Failed(trial, outcome.error().message);
      outcomes.push_back(std::move(outcome));
      if (!outcomes.back()) return outcomes;
    }
    return outcomes;
  }

 private:
  Expected<Outcome> Judge(const Trial& trial) {
    SubnetJob job = supernet_.job;
    job.genes = trial.point.genes;
    NACRE_TRY(const JobResult done, run_.jobs.Do(SubnetSpec(job)));
    const SubnetFigures figures = ReadSubnet(done);
    TrialRecord record;
    record.trial = trial;
    record.description = fmt::format("genes {}", fmt::join(trial.point.genes, ","));
    record.model.emplace();
    record.model->cost = {.macs = figures.macs, .parameters = figures.parameters};
    record.model->usage = figures.usage;
    record.model->usage.latency = baselines_.int8_latency.count() / figures.over_first;
    const std::string broken =
        BrokenBound(run_.config.bounds, record.model->usage, run_.config.target.batch);
    if (!broken.empty()) return Failed(trial, broken);
    record.outcome.accuracy = figures.accuracy;
    record.outcome.cost = Of(run_.config.objective, record.model->usage);
    const Outcome outcome = record.outcome;
    history_.trials.push_back(std::move(record));
    const size_t number = history_.trials.size();
    const double share = static_cast<double>(number) / std::max(1, expected_);
    run_.progress.Update(std::min(1.0, share),
                         fmt::format("sub-network {}: {:.2f}x, {:.2f} %", number,
                                     supernet_.aim.Gain(outcome), 100 * outcome.accuracy));
    const auto index = static_cast<int64_t>(number);
    NACRE_CHECK_OK(run_.store.LogScalar("trials/accuracy", index, outcome.accuracy));
    NACRE_CHECK_OK(run_.store.LogScalar("trials/speedup", index, figures.over_first));
    return outcome;
  }

  Outcome Failed(const Trial& trial, const std::string& error) {
    TrialRecord record;
    record.trial = trial;
    record.description = fmt::format("genes {}", fmt::join(trial.point.genes, ","));
    record.outcome.error = error;
    history_.trials.push_back(record);
    return record.outcome;
  }

  RunServices& run_;
  const Supernet& supernet_;
  const Baselines& baselines_;
  History& history_;
  int expected_ = 0;  // evaluations in all; 0: not known yet
};

// The same, but what is told of the cost are multiply-accumulates.
class ByMacs : public Evaluator {
 public:
  ByMacs(SubnetEvaluator& measured, const History& history)
      : measured_(measured), history_(history) {}

  std::vector<Expected<Outcome>> Evaluate(std::span<const Trial> trials) override {
    std::vector<Expected<Outcome>> outcomes;
    for (const Trial& trial : trials) {
      auto outcome = measured_.Evaluate(std::span(&trial, 1)).front();
      const auto& model = history_.trials.back().model;
      if (outcome && model) outcome->cost = static_cast<double>(model->cost.macs);
      outcomes.push_back(std::move(outcome));
      if (!outcomes.back()) break;
    }
    return outcomes;
  }

 private:
  SubnetEvaluator& measured_;
  const History& history_;
};

// As many as fit into the time, by what the first two have taken; decided once.
Expected<int> EvaluationsIn(RunServices& run, Seconds time, Seconds of_two) {
  const std::string name = fmt::format("subnet-evaluations {}", run.budget.Total().count());
  NACRE_TRY(const double fit, DecidedNumber(run, name, [&] {
              return std::clamp(2 * time / std::max(of_two, Seconds(0.02)),
                                shares::kLeastSubnets.value, shares::kMostSubnets.value);
            }));
  return static_cast<int>(fit);
}

// The two ends of the super-network, so that people see early what there is. Returns how long they
// took.
Expected<Seconds> MeasureEnds(RunServices& run, const Supernet& supernet,
                              const std::vector<Point>& ends, SubnetEvaluator& evaluator) {
  const Seconds begin = run.budget.clock().Now();
  for (const Point& end : ends) {
    const Trial trial{.point = end};
    NACRE_TRY(const Outcome outcome, evaluator.Evaluate(std::span(&trial, 1)).front());
    Info(fmt::format(
        "{} sub-network: {}", &end == &ends[0] ? "largest" : "smallest",
        outcome.error.empty()
            ? fmt::format("{:.2f}x, {:.2f} %", supernet.aim.Gain(outcome), 100 * outcome.accuracy)
            : outcome.error));
  }
  return run.budget.clock().Now() - begin;
}

}  // namespace

Expected<void> SearchSubnets(RunServices& run, const Supernet& supernet, const Baselines& baselines,
                             const SubnetSearch& search, History& history) {
  const Elasticity& elasticity = *supernet.elasticity;
  SubnetEvaluator evaluator(run, supernet, baselines, history);
  Nsga2Options options{.evaluations = search.evaluations, .seed = search.seed};
  for (const ElasticDimension& each : elasticity.dimensions)
    options.choices.push_back(static_cast<int>(each.values.size()));
  options.seeds = {{std::vector<int>(elasticity.dimensions.size(), 0), {}},
                   {elasticity.Smallest(), {}}};
  NACRE_TRY(const Seconds took, MeasureEnds(run, supernet, options.seeds, evaluator));
  history.trials.clear();  // the search begins with the same two
  if (options.evaluations == 0) {
    NACRE_TRY(options.evaluations, EvaluationsIn(run, search.time, took));
  }
  evaluator.Expect(options.evaluations);
  // At random: the first generation is all there is.
  options.population = search.strategy == "random" ? options.evaluations
                                                   : std::clamp(options.evaluations / 5, 8, 40);
  Nsga2 strategy(options);
  ByMacs by_macs(evaluator, history);
  Evaluator& judge = search.strategy == "macs" ? static_cast<Evaluator&>(by_macs) : evaluator;
  return RunSearch(strategy, judge, 1);
}

}  // namespace nacre
