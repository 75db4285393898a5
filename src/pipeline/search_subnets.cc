#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/log.h"
#include "engine/shares.h"
#include "pipeline/decided_number.h"
#include "pipeline/supernet_stages.h"
#include "search/evaluator.h"
#include "search/hypervolume.h"
#include "search/nsga2.h"
#include "search/run_search.h"
#include "store/write_file.h"

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
    record.description = Describe(trial.point);
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
    record.description = Describe(trial.point);
    record.outcome.error = error;
    history_.trials.push_back(record);
    return record.outcome;
  }

  static std::string Describe(const Point& point) {
    return fmt::format("genes {}", fmt::join(point.genes, ","));
  }

  RunServices& run_;
  const Supernet& supernet_;
  const Baselines& baselines_;
  History& history_;
  int expected_ = 0;  // evaluations in all; 0: not known yet
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

nlohmann::json SubnetJson(const TrialRecord& trial, const Aim& aim, bool on_front) {
  return {{"genes", trial.trial.point.genes},
          {"accuracy", trial.outcome.accuracy},
          {"speedup", aim.Gain(trial.outcome)},
          {"latency_ms", trial.model->usage.latency / 1e3},
          {"macs", trial.model->cost.macs},
          {"parameters", trial.model->cost.parameters},
          {"on_front", on_front}};
}

// Fastest first.
std::string SubnetsJson(const History& history, const Supernet& supernet) {
  std::vector<Evaluated> evaluated;
  std::vector<const TrialRecord*> trials;
  for (const TrialRecord& trial : history.trials) {
    if (trial.failed()) continue;
    evaluated.push_back({trial.trial, trial.outcome});
    trials.push_back(&trial);
  }
  std::set<std::string> front;
  for (const Evaluated& each : ParetoFront(evaluated)) front.insert(each.trial.point.Key());
  std::stable_sort(trials.begin(), trials.end(), [](const TrialRecord* a, const TrialRecord* b) {
    return a->outcome.cost < b->outcome.cost;
  });
  nlohmann::json dimensions = nlohmann::json::array(), subnets = nlohmann::json::array();
  for (const ElasticDimension& each : supernet.elasticity->dimensions) {
    const bool width = each.kind == ElasticDimension::Kind::kWidth;
    dimensions.push_back(
        {{"kind", width ? "width" : "depth"}, {"name", each.name}, {"values", each.values}});
  }
  for (const TrialRecord* trial : trials) {
    subnets.push_back(SubnetJson(*trial, supernet.aim, front.count(trial->trial.point.Key()) > 0));
  }
  // Of accuracy times the share of the original's cost that is saved, in [0, 1].
  const double cost = supernet.aim.original_cost,
               hypervolume = Hypervolume(evaluated, {.accuracy = 0, .cost = cost}) / cost;
  return nlohmann::json{{"hypervolume", hypervolume},
                        {"supernet", supernet.job.supernet},
                        {"dimensions", dimensions},
                        {"subnets", subnets}}
             .dump(1) +
         "\n";
}

}  // namespace

Expected<void> SearchSubnets(RunServices& run, const Supernet& supernet, const Baselines& baselines,
                             Seconds time, History& history) {
  const Elasticity& elasticity = *supernet.elasticity;
  SubnetEvaluator evaluator(run, supernet, baselines, history);
  Nsga2Options options{.seed = run.config.seed};
  for (const ElasticDimension& each : elasticity.dimensions)
    options.choices.push_back(static_cast<int>(each.values.size()));
  options.seeds = {{std::vector<int>(elasticity.dimensions.size(), 0), {}},
                   {elasticity.Smallest(), {}}};
  const Seconds begin = run.budget.clock().Now();
  for (const Point& seed : options.seeds) {
    const Trial trial{.point = seed};
    NACRE_TRY(const Outcome outcome, evaluator.Evaluate(std::span(&trial, 1)).front());
    Info(fmt::format(
        "{} sub-network: {}", &seed == &options.seeds[0] ? "largest" : "smallest",
        outcome.error.empty()
            ? fmt::format("{:.2f}x, {:.2f} %", supernet.aim.Gain(outcome), 100 * outcome.accuracy)
            : outcome.error));
  }
  history.trials.clear();  // the search begins with the same two
  NACRE_TRY(options.evaluations, EvaluationsIn(run, time, run.budget.clock().Now() - begin));
  evaluator.Expect(options.evaluations);
  options.population = std::clamp(options.evaluations / 5, 8, 40);
  Nsga2 search(options);
  NACRE_CHECK_OK(RunSearch(search, evaluator, 1));
  Info(fmt::format("{} sub-networks were measured, {} of them on the front", history.trials.size(),
                   ParetoFront(search.evaluated()).size()));
  return WriteFileAtomically(run.store.folder() / "subnets.json", SubnetsJson(history, supernet));
}

}  // namespace nacre
