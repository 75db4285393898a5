#include "pipeline/train_finalists.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/hash.h"
#include "base/log.h"
#include "engine/shares.h"
#include "forecast/priors.h"
#include "graph/simplify.h"
#include "pipeline/beginning.h"
#include "pipeline/choose_finalist.h"

namespace nacre {
namespace {

// What to train next and for how long.
struct Plan {
  size_t trial = 0;  // index in the history
  double epochs = 0;
};

double Floored(double epochs) { return std::floor(100 * epochs) / 100; }

// Epochs for a finalist after `others` of its round, of which `all` fit into the time left.
// `needed`: epochs after which it is expected to have the accuracy that is wanted.
double EpochsFor(const Round& round, size_t others, double all, double needed) {
  const double enough = priors::kFinalistSpare * needed;
  if (round.later > Seconds(0)) {
    return Floored(std::clamp(enough, shares::kOnlyFinalistLeast * all, all));
  }
  const double most = shares::kFirstFinalistMost * all;
  if (others + 1 >= round.finalists || most < shares::kLeastEpochsOfTwo) return all;
  return Floored(std::clamp(enough, shares::kFirstFinalistLeast * all, most));
}

class FinalistTrainer {
 public:
  FinalistTrainer(RunServices& run, const SearchInputs& inputs, const RoundScope& scope,
                  const StoredAnswers& answers, History& history)
      : run_(run),
        inputs_(inputs),
        scope_(scope),
        trainer_(run, inputs.in, answers),
        space_(inputs.rated.space, inputs.rated.pricing, {}),
        history_(history),
        earlier_(history.finalists.size()) {}

  size_t trained() const { return history_.finalists.size() - earlier_; }

  // Decided once and kept, so that a resumed run follows the same schedule. Nothing: no time or no
  // network is left.
  Expected<std::optional<Plan>> PlanNext(int attempt);
  Expected<void> Train(const Plan& plan);
  // For a run that could train no finalist: the most accurate trial is one as it is.
  Expected<void> KeepBestTrial();

 private:
  std::string NewPlan() const;
  Expected<std::optional<Plan>> ReadPlan(const std::string& text) const;
  std::string NewId(const Trial& trial) const;
  void AdjustSpeeds(std::optional<double> before, double now);
  Expected<void> Keep(const TrialRecord& trial, const std::string& id,
                      const TrainedNetwork& trained);

  RunServices& run_;
  const SearchInputs& inputs_;
  const RoundScope& scope_;
  NetworkTrainer trainer_;
  ArchitectureSpace space_;
  History& history_;
  const size_t earlier_;  // finalists of earlier rounds
};

std::string FinalistTrainer::NewPlan() const {
  const Seconds left = scope_.budget.At(1) - scope_.budget.clock().Now();
  if (left.count() <= 0) return "{}";
  const double seconds = shares::kOneFinalist * left.count();
  const auto chosen = ChooseFinalist(inputs_.aim, history_, seconds, scope_.round.later.count());
  if (!chosen) return "{}";
  const TrialRecord& trial = history_.trials[*chosen];
  const double all = EpochsIn(inputs_.aim, trial, seconds);
  const double needed =
      history_.forecast.Needed(inputs_.aim.StateOf(trial.outcome), inputs_.aim.wanted);
  return nlohmann::json{{"point", trial.trial.point.Key()},
                        {"epochs", EpochsFor(scope_.round, trained(), all, needed)},
                        {"rung", trial.trial.rung}}
      .dump();
}

Expected<std::optional<Plan>> FinalistTrainer::ReadPlan(const std::string& text) const {
  const auto json = nlohmann::json::parse(text);
  if (!json.contains("point") || json["epochs"] < shares::kLeastEpochs.value) return std::nullopt;
  for (size_t i = history_.trials.size(); i-- > 0;) {
    const Trial& trial = history_.trials[i].trial;
    if (trial.rung == json["rung"] && trial.point.Key() == json["point"].get<std::string>()) {
      return Plan{i, json["epochs"]};
    }
  }
  return Fail(ErrorKind::kInternal, "the run's plan names a trial that the run does not hold");
}

Expected<std::optional<Plan>> FinalistTrainer::PlanNext(int attempt) {
  const std::string name =
      fmt::format("final-plan {} {} {} {}", inputs_.in.teacher_hash, inputs_.in.train->hash,
                  attempt, scope_.budget.Total().count());
  NACRE_TRY(auto decided, run_.jobs.Decided(name));
  if (!decided) {
    decided = NewPlan();
    NACRE_CHECK_OK(run_.jobs.Decide(name, *decided));
  }
  return ReadPlan(*decided);
}

// By architecture and rung; another round may train the same again.
std::string FinalistTrainer::NewId(const Trial& trial) const {
  const std::string first = HashBytes(trial.point.Key()).substr(0, 7) + std::to_string(trial.rung);
  const auto taken = [&](const std::string& id) {
    return std::any_of(history_.finalists.begin(), history_.finalists.end(),
                       [&](const Finalist& finalist) { return finalist.id == id; });
  };
  std::string id = first;
  for (char letter = 'b'; taken(id); ++letter) id = first + letter;
  return id;
}

Expected<void> FinalistTrainer::KeepBestTrial() {
  const TrialRecord* best = nullptr;
  for (const TrialRecord& trial : history_.trials) {
    if (trial.failed()) continue;
    if (best == nullptr || trial.outcome.accuracy > best->outcome.accuracy) best = &trial;
  }
  if (best == nullptr) return {};
  history_.notes.push_back(fmt::format(
      "the budget of {} is too small for a final training: the most accurate trial is the result",
      PrintDuration(scope_.total)));
  Warn(history_.notes.back());
  return Keep(*best, NewId(best->trial),
              {.network = best->model->hash, .accuracy = best->outcome.accuracy});
}

// The machine may have become slower or faster since the trials were timed: the finalist has shown
// by how much.
void FinalistTrainer::AdjustSpeeds(std::optional<double> before, double now) {
  if (!before || now <= 0) return;
  for (TrialRecord& trial : history_.trials) {
    if (trial.images_per_second) *trial.images_per_second *= now / *before;
  }
}

Expected<void> FinalistTrainer::Keep(const TrialRecord& trial, const std::string& id,
                                     const TrainedNetwork& trained) {
  NACRE_TRY(const auto network, run_.materials.GetNetwork(trained.network));
  NACRE_TRY(const ArtifactHash folded, run_.materials.PutNetwork(FoldBatchNorm(*network)));
  history_.finalists.push_back({.id = id,
                                .description = trial.description,
                                .picks = trial.trial.point.genes,
                                .network = folded,
                                .ranges = trained.ranges,
                                .accuracy = trained.accuracy});
  return {};
}

Expected<void> FinalistTrainer::Train(const Plan& plan) {
  const TrialRecord trial = history_.trials[plan.trial];
  const Forecast::State before = inputs_.aim.StateOf(trial.outcome);
  const std::string id = NewId(trial.trial);
  Info(
      fmt::format("finalist {}: {:.2f}x, {:.2f} % after {:.1f} epochs, {:.1f} to go, {:.2f} % "
                  "expected; {}",
                  id, before.speedup, 100 * before.accuracy, before.epochs, plan.epochs,
                  100 * history_.forecast.After(before, plan.epochs), trial.description));
  NACRE_TRY(const Beginning start, BeginningOf({run_, trainer_, space_, history_}, trial, id));
  const Training training{plan.epochs, priors::kFinalRate, scope_.budget.At(1),
                          EndsWithBits(run_, inputs_.in, id)};
  NACRE_TRY(const TrainedNetwork trained, trainer_.Train(id, start.network, training));
  NACRE_CHECK_OK(Keep(trial, id, trained));
  TrialRecord longer = trial;
  Info(fmt::format("finalist {}: {:.2f} % (wanted {:.2f} %)", id, 100 * trained.accuracy,
                   100 * inputs_.aim.wanted));
  if (!start.inherits) history_.forecast.Learn(before, trained.accuracy, plan.epochs);
  AdjustSpeeds(trial.images_per_second, trained.images_per_second);
  longer.images_per_second.reset();
  if (trained.images_per_second > 0) longer.images_per_second = trained.images_per_second;
  longer.final = true;
  ++longer.trial.rung;
  longer.outcome.epochs += plan.epochs;
  longer.outcome.accuracy = trained.accuracy;
  longer.model->hash = trained.network;
  history_.trials.push_back(std::move(longer));
  return {};
}

// No network that was tried keeps the bounds: a longer budget will not help.
std::optional<Error> NoneKeepsBounds(const RunConfig& config, const History& history) {
  const bool none_left = std::all_of(history.trials.begin(), history.trials.end(),
                                     [](const TrialRecord& trial) { return trial.failed(); });
  if (!config.bounds.any() || !none_left || history.trials.empty()) return std::nullopt;
  return Error{ErrorKind::kNothingMet,
               "no network that was tried keeps the bounds of [objective]; the last one " +
                   history.trials.back().outcome.error};
}

}  // namespace

Expected<void> TrainFinalists(RunServices& run, const SearchInputs& inputs, const RoundScope& scope,
                              const StoredAnswers& answers, History& history) {
  FinalistTrainer trainer(run, inputs, scope, answers, history);
  std::optional<Error> failed;
  const int attempts =
      static_cast<int>(scope.round.finalists) + static_cast<int>(shares::kMoreAttempts);
  for (int attempt = 0; attempt < attempts && trainer.trained() < scope.round.finalists;
       ++attempt) {
    NACRE_TRY(const std::optional<Plan> plan, trainer.PlanNext(attempt));
    if (!plan) break;
    const auto trained = trainer.Train(*plan);
    if (trained) continue;
    if (run.jobs.EndsRun(trained.error())) return trained;
    TrialRecord& trial = history.trials[plan->trial];
    Warn(fmt::format("a finalist failed, the next one takes its place: {}; {}",
                     trained.error().message, trial.description));
    failed = trained.error();
    trial.outcome.error = failed->message;
  }
  const bool last_round = scope.round.later == Seconds(0);
  if (!history.finalists.empty() || !last_round) return {};
  if (auto none = NoneKeepsBounds(run.config, history); none && !failed) {
    return tl::unexpected<Error>(std::move(*none));
  }
  return trainer.KeepBestTrial();
}

}  // namespace nacre
