// Step 7: final training of the finalists, one after the other, each chosen with what the one
// before has taught.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/hash.h"
#include "base/log.h"
#include "graph/simplify.h"
#include "onnx/onnx.h"
#include "pipeline/beginning.h"
#include "pipeline/choose_finalist.h"
#include "pipeline/int8_of_run.h"
#include "pipeline/training.h"

namespace nacre {
namespace {

constexpr double kMost = 0.97;        // of the time that is left, for one finalist
constexpr double kFirstShare = 0.35;  // for the first, at least
constexpr double kSpare = 1.3;        // of the epochs that the first stands to need
constexpr double kMostFirstShare =
    0.45;  // and at most: the second goes on from it (decision 13), or is it
constexpr double kLeastOfTwo = 2;  // epochs: with less all goes to one
constexpr double kLeastOfRound =
    0.6;  // of its time, for the finalist of a round that another one follows
constexpr double kLeastEpochs = 1;
constexpr int kFurther = 2;  // attempts, for those whose training fails

constexpr double kRate = 0.3;  // of the trainer's rates: keeps what the weights know (decision 14)

// Epochs for a finalist after so many others of its round that stands to need so many, when all the
// time left is enough for `all`.
double Epochs(const Round& round, size_t others, double all, double needed) {
  if (round.later > Seconds(0))
    return std::floor(100 * std::clamp(kSpare * needed, kLeastOfRound * all, all)) / 100;
  if (others + 1 >= round.finalists || kMostFirstShare * all < kLeastOfTwo) return all;
  return std::floor(100 * std::clamp(kSpare * needed, kFirstShare * all, kMostFirstShare * all)) /
         100;
}

// What to train and for how long is decided once and kept, so that a resumed run follows the same
// schedule. `others`: finalists that the round has brought so far.
Expected<Job> PlanFinalist(Context& context, int attempt, size_t others) {
  const std::string key = Hasher()
                              .Add("final-plan")
                              .Add(StructuralHash(context.teacher, true))
                              .Add(context.train.hash)
                              .Add(int64_t{attempt})
                              .Add(context.budget->Total().count())
                              .Digest();
  return Once(context, "final-plan", key, [&]() -> Expected<Job> {
    const Seconds left = context.budget->At(1) - context.budget->clock().Now();
    if (left.count() <= 0) return Job{.result = "{}"};
    const double seconds = kMost * left.count();
    NACRE_TRY(const Tried* chosen, ChooseFinalist(context, seconds, context.round.later.count()));
    if (chosen == nullptr) return Job{.result = "{}"};
    NACRE_TRY(const double all, EpochsIn(context, *chosen, seconds));
    const Outcome& now = chosen->outcome;
    const double needed =
        context.curve.Needed(now.accuracy, now.epochs, context.wanted, context.Gain(now));
    return Job{.result = nlohmann::json{{"point", chosen->trial.point.Key()},
                                        {"epochs", Epochs(context.round, others, all, needed)},
                                        {"rung", chosen->trial.rung}}
                             .dump()};
  });
}

// The machine may have become slower or faster since the trials were timed: the finalist has shown
// by how much.
void AdjustSpeeds(Context& context, double before, double now) {
  if (before <= 0 || now <= 0) return;
  for (Tried& tried : context.tried) tried.images_per_second *= now / before;
}

// By architecture and rung; another round may train the same again.
std::string NewId(const Context& context, const Trial& trial) {
  const std::string first = HashBytes(trial.point.Key()).substr(0, 7) + std::to_string(trial.rung);
  const auto taken = [&](const std::string& id) {
    return std::any_of(context.finalists.begin(), context.finalists.end(),
                       [&](const Finalist& finalist) { return finalist.id == id; });
  };
  std::string id = first;
  for (char letter = 'b'; taken(id); ++letter) id = first + letter;
  return id;
}

Expected<void> TrainOne(Context& context, const Tried& tried, double epochs) {
  const std::string id = NewId(context, tried.trial);
  Info(fmt::format(
      "finalist {}: {:.2f}x, {:.2f} % after {:.1f} epochs, {:.1f} to go, {:.2f} % expected; {}", id,
      context.Gain(tried.outcome), 100 * tried.outcome.accuracy, tried.outcome.epochs, epochs,
      100 * context.curve.Predict(tried.outcome.accuracy, tried.outcome.epochs, epochs,
                                  context.Gain(tried.outcome)),
      tried.description));
  NACRE_TRY(const Beginning start, BeginningOf(context, tried, id));
  const Training training{epochs, kRate, context.budget->At(1), EndsWithBits(context, id)};
  NACRE_TRY(const TrainedNetwork trained, DistilNetwork(context, id, start.network, training));
  NACRE_TRY(const std::string result, context.run->GetArtifact(trained.artifact));
  NACRE_TRY(const Network network, ParseOnnx(result));
  Finalist finalist{.id = id,
                    .description = tried.description,
                    .source = tried.trial.point.Key(),
                    .network = FoldBatchNorm(network)};
  finalist.architecture.picks = tried.trial.point.genes;
  finalist.validation = trained.accuracy;
  finalist.ranges = trained.ranges;
  context.finalists.push_back(std::move(finalist));
  const double unseen = context.OnUnseen(trained.accuracy, tried.settled + epochs);
  Info(
      fmt::format("finalist {}: {:.2f} % on the validation set, {:.2f} % expected on unseen images "
                  "(wanted {:.2f} %)",
                  id, 100 * trained.accuracy, 100 * unseen, 100 * context.wanted));
  if (!start.inherits)
    context.curve.Learn(tried.outcome.accuracy, tried.outcome.epochs, unseen, epochs,
                        context.Gain(tried.outcome));
  AdjustSpeeds(context, tried.images_per_second, trained.images_per_second);
  Tried longer = tried;
  longer.images_per_second = trained.images_per_second;
  longer.final = true;
  ++longer.trial.rung;
  longer.outcome.epochs += epochs;
  longer.settled += epochs;
  longer.outcome.accuracy = unseen;
  longer.artifact = trained.artifact;
  context.tried.push_back(std::move(longer));
  return {};
}

// Why a run ends without a finalist; `failed` of those whose training failed.
Expected<void> NoFinalist(const Context& context, const std::optional<Error>& failed) {
  if (failed) return Fail(failed->kind, "no finalist could be trained: " + failed->message);
  const bool none_left =
      std::all_of(context.tried.begin(), context.tried.end(),
                  [](const Tried& tried) { return !tried.outcome.error.empty(); });
  if (context.config.bounds.any() && none_left && !context.tried.empty()) {
    return Fail(ErrorKind::kNothingMet,
                "no network that was tried keeps the bounds of [objective]; the last one " +
                    context.tried.back().outcome.error);
  }
  return Fail(
      ErrorKind::kUsage,
      fmt::format("the budget of {} is too small to train a result; give at least {}",
                  PrintDuration(context.config.budget), PrintDuration(2 * context.config.budget)));
}

}  // namespace

Expected<void> TrainFinalists(Context& context) {
  std::optional<Error> failed;
  const size_t earlier = context.finalists.size(), wanted = context.round.finalists;
  const int attempts = static_cast<int>(wanted) + kFurther;
  for (int attempt = 0; attempt < attempts && context.finalists.size() < earlier + wanted;
       ++attempt) {
    NACRE_TRY(const Job plan, PlanFinalist(context, attempt, context.finalists.size() - earlier));
    const auto json = nlohmann::json::parse(plan.result);
    if (!json.contains("point") || json["epochs"].get<double>() < kLeastEpochs) break;
    const auto chosen =
        std::find_if(context.tried.rbegin(), context.tried.rend(), [&](const Tried& tried) {
          return tried.trial.point.Key() == json["point"] && tried.trial.rung == json["rung"];
        });
    if (chosen == context.tried.rend()) {
      return Fail(ErrorKind::kInternal, "the run's plan names a trial that the run does not hold");
    }
    const Tried tried = *chosen;
    const auto trained = TrainOne(context, tried, json["epochs"]);
    if (trained) continue;
    if (EndsRun(context, trained.error())) return trained;
    Warn(fmt::format("a finalist failed, the next one takes its place: {}; {}",
                     trained.error().message, tried.description));
    failed = trained.error();
    chosen->outcome.error = failed->message;
  }
  if (context.finalists.empty()) return NoFinalist(context, failed);
  return {};
}

}  // namespace nacre
