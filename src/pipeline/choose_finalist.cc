#include "pipeline/choose_finalist.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/shapes.h"
#include "onnx/onnx.h"

namespace nacre {
namespace {

// A network that can be trained further: it did not fail, and is not what a later training has gone
// on from.
bool Open(const Context& context, const Tried& tried) {
  if (!tried.outcome.error.empty() || tried.artifact.empty()) return false;
  const auto begin = context.tried.begin() + (&tried - context.tried.data()) + 1;
  return std::none_of(begin, context.tried.end(), [&](const Tried& later) {
    return later.trial.point == tried.trial.point && !later.artifact.empty();
  });
}

// Standard deviations: of what OnUnseen says and the acceptance images find (decision 14); of a
// prediction, as a part of the gap left.
constexpr double kErring = 0.005, kErringOfGap = 0.3;

// That a network with this accuracy on unseen images, known to `deviation`, is accepted.
double Chance(const Context& context, double accuracy, double deviation) {
  return 0.5 * std::erfc((context.limit - accuracy) / (deviation * std::sqrt(2.0)));
}

// What the finalists so far stand to bring.
double InHand(const Context& context) {
  double most = 0;
  for (const Tried& tried : context.tried) {
    if (tried.final)
      most = std::max(most, Chance(context, tried.outcome.accuracy, kErring) *
                                std::log(context.Gain(tried.outcome)));
  }
  return most;
}

// What `epochs` of training it stand to bring beyond that.
double ExpectedGain(const Context& context, const Tried& tried, double epochs, double in_hand) {
  const double speedup = context.Gain(tried.outcome);
  const auto after = [&](double more) {
    return context.curve.Predict(tried.outcome.accuracy, tried.outcome.epochs, more, speedup);
  };
  const double final = after(epochs), attainable = after(std::numeric_limits<double>::infinity());
  const double deviation =
      std::hypot(kErring + kErringOfGap * (attainable - final), context.curve.Deviation(speedup));
  const double chance = Chance(context, final, deviation);
  if (tried.final)
    return (chance - Chance(context, tried.outcome.accuracy, kErring)) * std::log(speedup);
  return chance * (std::log(speedup) - in_hand);
}

// What the best of the second rung stands to bring in the time of the next round alone.
Expected<double> Fallback(const Context& context, double seconds) {
  double most = 0;
  for (const Tried& tried : context.tried) {
    if (!Open(context, tried) || tried.final || tried.trial.rung == 0) continue;
    NACRE_TRY(const double epochs, EpochsIn(context, tried, seconds));
    most = std::max(most, ExpectedGain(context, tried, epochs, 0));
  }
  return most;
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

Expected<const Tried*> ChooseFinalist(const Context& context, double seconds, double later) {
  double in_hand = InHand(context);
  if (later > 0) {
    NACRE_TRY(const double fallback, Fallback(context, later));
    in_hand = std::max(in_hand, fallback);
  }
  const bool first = std::none_of(context.tried.begin(), context.tried.end(),
                                  [](const Tried& tried) { return tried.final; });
  const Tried* best = nullptr;
  double most = 0;
  for (const Tried& tried : context.tried) {
    if (!Open(context, tried) || (first && tried.trial.rung == 0))
      continue;  // a first rung tells too little for the first
    NACRE_TRY(const double epochs, EpochsIn(context, tried, seconds + later));
    if (tried.final && epochs < tried.outcome.epochs)
      continue;  // a little more only overfits (decision 5)
    const double gain = ExpectedGain(context, tried, epochs, in_hand);
    const bool tie = best != nullptr && gain == most &&
                     tried.outcome.accuracy > best->outcome.accuracy;  // all far from the limit
    if (best == nullptr || gain > most || tie) best = &tried, most = gain;
  }
  return best;
}

}  // namespace nacre
