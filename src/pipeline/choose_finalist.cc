#include "pipeline/choose_finalist.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/shapes.h"
#include "onnx/onnx.h"

namespace nacre {
namespace {

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

}  // namespace

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

Expected<const Tried*> ChooseFinalist(const Context& context, const LearningCurve& curve, double seconds) {
  if (const Tried* in_hand = InHand(context)) {
    NACRE_TRY(const Tried* bold, MostPromising(context, curve, seconds, in_hand->outcome.cost));
    if (bold != nullptr) return bold;
  }
  return Surest(context, curve, seconds);
}

}  // namespace nacre
