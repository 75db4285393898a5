#include "pipeline/trial_evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "engine/jobs/latency_job.h"
#include "forecast/priors.h"
#include "graph/simplify.h"
#include "pipeline/decided_number.h"

namespace nacre {
namespace {

constexpr Seconds kSlice{0.01};
constexpr double kEpochSteps = 50;  // epochs of a trial are multiples of a fiftieth

double RateOf(int rung) { return rung == 0 ? priors::kFirstRungRate : priors::kLaterRungRate; }

}  // namespace

TrialEvaluator::TrialEvaluator(Setting setting, History& history)
    : setting_(setting),
      history_(history),
      speed_(setting.in.teacher_macs(), setting.aim.macs_per_second / setting.in.teacher_macs()) {}

std::vector<Expected<Outcome>> TrialEvaluator::Evaluate(std::span<const Trial> trials) {
  std::vector<Expected<Outcome>> outcomes;
  for (const Trial& trial : trials) {
    auto record = Judge(trial);
    if (!record && setting_.run.jobs.EndsRun(record.error())) {
      outcomes.push_back(tl::unexpected<Error>(record.error()));
      return outcomes;
    }
    if (!record) record = Failed(trial, record.error().message);
    outcomes.emplace_back(record->outcome);
    if (auto recorded = Record(std::move(*record)); !recorded) {
      outcomes.back() = tl::unexpected<Error>(recorded.error());
    }
  }
  return outcomes;
}

TrialRecord TrialEvaluator::Failed(const Trial& trial, const std::string& error) const {
  TrialRecord record;
  record.trial = trial;
  record.outcome.error = error;
  record.description = setting_.space.Describe(trial.point);
  return record;
}

Expected<void> TrialEvaluator::Record(TrialRecord record) {
  const auto number = static_cast<int64_t>(history_.trials.size()) + 1;
  history_.trials.push_back(std::move(record));
  const TrialRecord& trial = history_.trials.back();
  if (trial.failed()) {
    Warn(fmt::format("trial {} failed: {}  {}", number, trial.outcome.error, trial.description));
    return {};
  }
  Info(fmt::format("trial {} rung {}: {:.2f}x, {:.2f} %  {}", number, trial.trial.rung,
                   setting_.aim.Gain(trial.outcome), 100 * trial.outcome.accuracy,
                   trial.description));
  Run& store = setting_.run.store;
  NACRE_CHECK_OK(store.LogScalar("trials/accuracy", number, trial.outcome.accuracy));
  const double speedup = setting_.baselines.usage.latency / trial.model->usage.latency;
  return store.LogScalar("trials/speedup", number, speedup);
}

// As the point was left by the last training that it had.
const TrialRecord* TrialEvaluator::Latest(const Point& point) const {
  const auto& trials = history_.trials;
  const auto found = std::find_if(trials.rbegin(), trials.rend(), [&](const TrialRecord& trial) {
    return trial.model && trial.trial.point == point;
  });
  return found == trials.rend() ? nullptr : &*found;
}

// The trial without macro moves that shares most blocks with the point, if that is a good part.
const TrialRecord* TrialEvaluator::Nearest(const Point& point) const {
  if (!point.moves.empty()) return nullptr;
  double most = priors::kLeastShared;
  const TrialRecord* nearest = nullptr;
  for (const TrialRecord& trial : history_.trials) {
    if (!trial.model || !trial.trial.point.moves.empty()) continue;
    const double shared = setting_.space.Shared(point, trial.trial.point);
    if (shared < most) continue;
    nearest = &trial;
    most = shared;
  }
  return nearest;
}

// The network of a trial before it is trained, with its epochs in the record: as the rung or the
// round before left it; made out of its parent's; or assembled, with the training of the trial that
// shares most with it.
Expected<Network> TrialEvaluator::Start(const Trial& trial, TrialRecord& record) const {
  const TrialRecord* itself = Latest(trial.point);
  if (itself == nullptr && trial.rung > 0) {
    return Fail(ErrorKind::kInternal, "a trial has no trial that it goes on from");
  }
  const TrialRecord* source = itself;
  if (source == nullptr) source = trial.parent ? Latest(*trial.parent) : Nearest(trial.point);
  if (source == nullptr && trial.parent) {
    return Fail(ErrorKind::kInternal, "a trial has no parent to be made of");
  }
  if (source == nullptr) return setting_.space.Build(trial.point);
  NACRE_TRY(const auto trained, setting_.run.materials.GetNetwork(source->model->hash));
  record.outcome.epochs = source->outcome.epochs;
  if (itself != nullptr) return *trained;
  const double shared = setting_.space.Shared(trial.point, source->trial.point);
  record.outcome.epochs *= shared;
  return setting_.space.Derive(trial.point, source->trial.point, *trained);
}

// Relative to the INT8 original in the same run, so that drift of the machine cancels. Networks of
// one structure are measured once.
Expected<double> TrialEvaluator::MeasuredLatency(const Network& network, const ArtifactHash& hash) {
  const std::string structure = StructuralHash(network);
  const auto known = history_.latencies.find(structure);
  if (known != history_.latencies.end()) return known->second;
  const RunServices& run = setting_.run;
  const Precision precision = run.config.target.precision;
  const LatencyJob job{.networks = {{setting_.baselines.int8, TimedForm::kAsIs, precision},
                                    {hash, TimedForm::kDeployed, precision}},
                       .target = run.config.target,
                       .fingerprint = run.Fingerprint(),
                       .slice = kSlice};
  NACRE_TRY(const JobResult done, run.jobs.Do(MeasureSpec(job)));
  const double latency =
      setting_.baselines.int8_latency.count() / ReadLatencies(done).at(1).over_first;
  history_.latencies[structure] = latency;
  return latency;
}

// As many as the trial's share of the search allows, decided once.
Expected<double> TrialEvaluator::EpochsOf(const Trial& trial, double macs) {
  const std::string name =
      fmt::format("trial-epochs {} {} {}", history_.trials.size(), trial.rung, trial.point.Key());
  return DecidedNumber(setting_.run, name, [&] {
    const double seconds = SecondsOfTrial(setting_.seconds, setting_.plan, trial.rung);
    const double images = seconds * speed_.Of(macs);
    const double epochs = images / static_cast<double>(setting_.aim.images);
    return std::clamp<double>(std::round(kEpochSteps * epochs) / kEpochSteps,
                              priors::kLeastTrialEpochs, priors::kMostTrialEpochs);
  });
}

Expected<TrialRecord> TrialEvaluator::Judge(const Trial& trial) {
  RunServices& run = setting_.run;
  TrialRecord record;
  record.trial = trial;
  record.description = setting_.space.Describe(trial.point);
  NACRE_TRY(const Network network, Start(trial, record));
  NACRE_TRY(StoredModel model, StoreModel(run.materials, network, run.config.target));
  NACRE_TRY(model.usage.latency, MeasuredLatency(network, model.hash));
  const std::string broken = BrokenBound(run.config.bounds, model.usage, run.config.target.batch);
  if (!broken.empty()) return Fail(ErrorKind::kNothingMet, broken);
  record.outcome.cost = Of(run.config.objective, model.usage);
  NACRE_TRY(const double epochs, EpochsOf(trial, model.macs()));
  const std::string name =
      fmt::format("rung {} {:.2f}x", trial.rung, setting_.aim.Gain(record.outcome));
  NetworkTrainer trainer(run, setting_.in, setting_.answers);
  NACRE_TRY(const TrainedNetwork trained,
            trainer.Train(name, model.hash, {.epochs = epochs, .rate = RateOf(trial.rung)}));
  model.hash = trained.network;
  record.model = model;
  record.outcome.epochs += epochs;
  record.outcome.accuracy = trained.accuracy;
  if (const TrialRecord* before = Latest(trial.point)) {
    history_.forecast.Learn(setting_.aim.StateOf(before->outcome), trained.accuracy, epochs);
  }
  if (trained.images_per_second > 0) record.images_per_second = trained.images_per_second;
  speed_.Add(model.macs(), trained.images_per_second);
  return record;
}

}  // namespace nacre
