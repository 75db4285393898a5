// Step 7: final training of the finalists, one after the other, each chosen with what the one before has taught.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/log.h"
#include "graph/shapes.h"
#include "graph/simplify.h"
#include "onnx/onnx.h"
#include "pipeline/learning_curve.h"
#include "pipeline/training.h"

namespace nacre {
namespace {

constexpr double kEnd = 0.93;               // share of the budget spent when the last training ends
constexpr double kMost = 0.97;              // of the time that is left, for one finalist
constexpr double kFirstShare = 0.35;        // for the first, at least
constexpr double kSpare = 1.3;              // of the epochs that the first stands to need
constexpr double kNoUse = 0.8;              // a first that needs more gets all: what is left is too little for another
constexpr double kLeastEpochs = 1;
constexpr int kFinalists = 2;
constexpr double kInherited = 0.12;         // of what the original knows of the validation images (decision 6)

// Of the trainer's rates. Short trainings keep what the weights know, long ones find better weights (decision 7).
double Rate(double epochs) { return std::clamp(0.04 * epochs, 0.3, 0.85); }

// Epochs for a finalist that stands to need so many, when all the time left is enough for `all`.
double Epochs(int round, double all, double needed) {
  const double first = std::max(kFirstShare * all, kSpare * needed);
  return round + 1 == kFinalists || first > kNoUse * all ? all : std::floor(100 * first) / 100;
}

// Epochs that fit into `seconds`.
Expected<double> EpochsIn(const Context& context, const Tried& tried, double seconds) {
  double speed = tried.images_per_second;
  if (speed <= 0) {
    NACRE_TRY(const std::string bytes, context.run->GetArtifact(tried.artifact));
    NACRE_TRY(const Network network, ParseOnnx(bytes));
    NACRE_TRY(const Cost cost, CostOf(network));
    speed = context.macs_per_second / static_cast<double>(std::max<int64_t>(1, cost.macs));
  }
  return std::floor(100 * seconds * speed / static_cast<double>(context.train.count())) / 100;
}

struct Choice {
  const Tried* tried = nullptr;
  double final = 0;  // accuracy that it stands to reach
};

// A network that can be trained further: it did not fail, and is not what a longer training has gone on from.
bool Open(const Context& context, const Tried& tried) {
  if (!tried.outcome.error.empty() || tried.artifact.empty()) return false;
  return std::none_of(context.tried.begin(), context.tried.end(), [&](const Tried& other) {
    return other.trial.point == tried.trial.point && other.trial.rung > tried.trial.rung && !other.artifact.empty();
  });
}

// The cheapest that stands to reach the wanted accuracy; if none does, the one that stands to come closest. A finalist that
// missed it may train on if there is as much time again: a little more only overfits (decision 5).
Expected<const Tried*> Surest(const Context& context, const LearningCurve& curve, double seconds) {
  Choice best;
  for (const Tried& tried : context.tried) {
    if (!Open(context, tried) || tried.trial.rung == 0) continue;
    NACRE_TRY(const double epochs, EpochsIn(context, tried, seconds));
    if (tried.final && epochs < tried.epochs) continue;
    const double final = curve.Predict(tried.outcome.accuracy, tried.epochs, epochs, context.Gain(tried.outcome));
    const bool reaches = final >= context.wanted, best_reaches = best.final >= context.wanted;
    const bool better = best.tried == nullptr || (reaches && !best_reaches) ||
                        (reaches && best_reaches && tried.outcome.cost < best.tried->outcome.cost) ||
                        (!reaches && !best_reaches && final > best.final);
    if (better) best = {&tried, final};
  }
  return best.tried;
}

// The cheapest finalist that stands to be accepted; null: none.
const Tried* InHand(const Context& context) {
  const Tried* cheapest = nullptr;
  for (const Tried& tried : context.tried) {
    if (!tried.final || tried.outcome.accuracy < context.wanted) continue;
    if (cheapest == nullptr || tried.outcome.cost < cheapest->outcome.cost) cheapest = &tried;
  }
  return cheapest;
}

// With a result in hand the rest of the time is free: what is expected to gain most over it, by the logarithm of cost times the
// chance to reach the wanted accuracy. Null: nothing stands to gain anything worth the while.
Expected<const Tried*> MostPromising(const Context& context, const LearningCurve& curve, double seconds, double in_hand) {
  constexpr double kErring = 0.004, kErringOfGap = 0.3;  // standard deviation of a prediction: at least, and of the gap left
  constexpr double kLeastGain = 0.01;
  const Tried* best = nullptr;
  double most = kLeastGain;
  for (const Tried& tried : context.tried) {
    if (!Open(context, tried) || tried.outcome.cost >= in_hand) continue;
    NACRE_TRY(const double epochs, EpochsIn(context, tried, seconds));
    const double gain = context.Gain(tried.outcome);
    const double final = curve.Predict(tried.outcome.accuracy, tried.epochs, epochs, gain);
    const double attainable = curve.Predict(tried.outcome.accuracy, tried.epochs, std::numeric_limits<double>::infinity(), gain);
    const double deviation = kErring + kErringOfGap * (attainable - final);
    const double chance = 0.5 * std::erfc((context.wanted - final) / (deviation * std::sqrt(2.0)));
    const double expected = chance * std::log(in_hand / tried.outcome.cost);
    if (expected > most) best = &tried, most = expected;
  }
  return best;
}

Expected<const Tried*> Choose(const Context& context, const LearningCurve& curve, double seconds) {
  if (const Tried* in_hand = InHand(context)) {
    NACRE_TRY(const Tried* bold, MostPromising(context, curve, seconds, in_hand->outcome.cost));
    if (bold != nullptr) return bold;
  }
  return Surest(context, curve, seconds);
}

// What to train and for how long is decided once and kept, so that a resumed run follows the same schedule.
Expected<Job> PlanFinalist(Context& context, int round, const LearningCurve& curve) {
  const std::string key = Hasher().Add("final-plan").Add(StructuralHash(context.teacher, true))
                              .Add(context.train.hash).Add(int64_t{round})
                              .Add(context.config.budget.count()).Digest();
  return Once(context, "final-plan", key, [&]() -> Expected<Job> {
    const Seconds left = context.budget->At(kEnd) - context.budget->clock().Now();
    if (left.count() <= 0) return Job{.result = "{}"};
    const double seconds = kMost * left.count();
    NACRE_TRY(const Tried* chosen, Choose(context, curve, seconds));
    if (chosen == nullptr) return Job{.result = "{}"};
    NACRE_TRY(const double all, EpochsIn(context, *chosen, seconds));
    const double needed = curve.Needed(chosen->outcome.accuracy, chosen->epochs, context.wanted, context.Gain(chosen->outcome));
    return Job{.result = nlohmann::json{{"point", chosen->trial.point.Key()}, {"epochs", Epochs(round, all, needed)},
                                        {"rung", chosen->trial.rung}}.dump()};
  });
}

Expected<void> TrainOne(Context& context, const Tried& tried, double epochs, LearningCurve& curve) {
  const std::string id = HashBytes(tried.trial.point.Key()).substr(0, 7) + std::to_string(tried.trial.rung);
  Info(fmt::format("finalist {}: {:.2f}x, {:.2f} % after {:.1f} epochs, {:.1f} to go, {:.2f} % expected; {}", id,
                   context.Gain(tried.outcome), 100 * tried.outcome.accuracy, tried.epochs,
                   epochs, 100 * curve.Predict(tried.outcome.accuracy, tried.epochs, epochs, context.Gain(tried.outcome)),
                   tried.description));
  NACRE_TRY(const std::string bytes, context.run->GetArtifact(tried.artifact));
  NACRE_TRY(const Network start, ParseOnnx(bytes));
  NACRE_TRY(const TrainedNetwork trained, DistilNetwork(context, id, start, epochs, Rate(epochs)));
  NACRE_TRY(const std::string result, context.run->GetArtifact(trained.artifact));
  NACRE_TRY(const Network network, ParseOnnx(result));
  Finalist finalist{.id = id, .description = tried.description,
                    .source = tried.trial.point.Key(), .network = FoldBatchNorm(network)};
  finalist.architecture.picks = tried.trial.point.genes;
  finalist.validation = trained.accuracy;
  context.finalists.push_back(std::move(finalist));
  const double unseen = context.OnUnseen(trained.accuracy, kInherited);
  Info(fmt::format("finalist {}: {:.2f} % on the validation set, {:.2f} % expected on unseen images (wanted {:.2f} %)", id,
                   100 * trained.accuracy, 100 * unseen, 100 * context.wanted));
  curve.Learn(tried.outcome.accuracy, tried.epochs, unseen, epochs, context.Gain(tried.outcome));
  Tried longer = tried;
  longer.final = true;
  ++longer.trial.rung;
  longer.epochs += epochs;
  longer.outcome.accuracy = unseen;
  longer.artifact = trained.artifact;
  context.tried.push_back(std::move(longer));
  return {};
}

}  // namespace

Expected<void> TrainFinalists(Context& context) {
  LearningCurve curve(context.config.stated_accuracy.value_or(context.baseline_validation));
  for (int round = 0; round < kFinalists; ++round) {
    NACRE_TRY(const Job plan, PlanFinalist(context, round, curve));
    const auto json = nlohmann::json::parse(plan.result);
    if (!json.contains("point") || json["epochs"].get<double>() < kLeastEpochs) break;
    const auto chosen = std::find_if(context.tried.begin(), context.tried.end(), [&](const Tried& tried) {
      return tried.trial.point.Key() == json["point"] && tried.trial.rung == json["rung"];
    });
    if (chosen == context.tried.end()) {
      return Fail(ErrorKind::kInternal, "the run's plan names a trial that the run does not hold");
    }
    const Tried tried = *chosen;
    NACRE_CHECK_OK(TrainOne(context, tried, json["epochs"], curve));
  }
  const bool none_left = std::all_of(context.tried.begin(), context.tried.end(),
                                     [](const Tried& tried) { return !tried.outcome.error.empty(); });
  if (context.finalists.empty() && context.config.bounds.any() && none_left && !context.tried.empty()) {
    return Fail(ErrorKind::kNothingMet, "no network that was tried keeps the bounds of [objective]; the last one " +
                                            context.tried.back().outcome.error);
  }
  if (context.finalists.empty()) {
    return Fail(ErrorKind::kUsage,
                fmt::format("the budget of {} is too small to train a result; give at least {}",
                            PrintDuration(context.config.budget),
                            PrintDuration(2 * context.config.budget)));
  }
  return {};
}

}  // namespace nacre
