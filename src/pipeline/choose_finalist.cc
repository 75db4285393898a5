#include "pipeline/choose_finalist.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "forecast/priors.h"

namespace nacre {
namespace {

class Chooser {
 public:
  Chooser(const Aim& aim, const History& history) : aim_(aim), history_(history) {}

  // A network that can be trained further: it did not fail, and no later training has gone on from
  // it.
  bool IsOpen(size_t index) const {
    const TrialRecord& trial = history_.trials[index];
    if (trial.failed()) return false;
    const auto later = history_.trials.begin() + static_cast<std::ptrdiff_t>(index) + 1;
    return std::none_of(later, history_.trials.end(), [&](const TrialRecord& other) {
      return other.model && other.trial.point == trial.trial.point;
    });
  }

  // Another network is no slower and no less accurate after no more training, and better in one.
  bool IsDominated(size_t index) const {
    const TrialRecord& own = history_.trials[index];
    for (size_t i = 0; i < history_.trials.size(); ++i) {
      const bool tells_less = history_.trials[i].trial.rung < own.trial.rung;
      if (i == index || tells_less || !IsOpen(i)) continue;
      const Outcome &other = history_.trials[i].outcome, &one = own.outcome;
      const bool no_worse =
          other.cost <= one.cost && other.accuracy >= one.accuracy && other.epochs <= one.epochs;
      if (no_worse && (other.cost < one.cost || other.accuracy > one.accuracy)) return true;
    }
    return false;
  }

  // What the finalists so far are expected to bring.
  double InHand() const {
    double most = 0;
    for (const TrialRecord& trial : history_.trials) {
      if (trial.final) most = std::max(most, ChanceAsItIs(trial) * LogGain(trial));
    }
    return most;
  }

  // That the trial keeps the limit after `epochs` of training. The forecast is the less certain the
  // more of the way to what is attainable is missing at the end. `of_climb`: share of the way to
  // there that is uncertain as well.
  double ChanceAfter(const TrialRecord& trial, double epochs, double of_climb = 0) const {
    const Forecast::State state = aim_.StateOf(trial.outcome);
    const double reached = history_.forecast.After(state, epochs);
    const double attainable =
        history_.forecast.After(state, std::numeric_limits<double>::infinity());
    const double of_forecast = measuring() + priors::kForecastDeviation * (attainable - reached) +
                               of_climb * (reached - state.accuracy);
    return Chance(reached, std::hypot(of_forecast, history_.forecast.Deviation(state.speedup)));
  }

  // What `epochs` of training the trial are expected to bring beyond that.
  double ExpectedGain(const TrialRecord& trial, double epochs, double in_hand) const {
    const double chance = ChanceAfter(trial, epochs);
    if (trial.final) return (chance - ChanceAsItIs(trial)) * LogGain(trial);
    return chance * (LogGain(trial) - in_hand);
  }

  // The gain of a network that probably keeps the limit after `epochs`, else its chance below 0.
  double SafeGain(const TrialRecord& trial, double epochs) const {
    const double chance = ChanceAfter(trial, epochs, priors::kClimbDeviation);
    return chance >= priors::kSafeChance ? std::max(0.0, LogGain(trial)) : chance - 1;
  }

 private:
  double measuring() const { return history_.forecast.MeasuringDeviation(); }
  // That a network with this accuracy, known to `deviation`, is accepted.
  double Chance(double accuracy, double deviation) const {
    return 0.5 * std::erfc((aim_.limit - accuracy) / (deviation * std::sqrt(2.0)));
  }
  double ChanceAsItIs(const TrialRecord& trial) const {
    return Chance(trial.outcome.accuracy, measuring());
  }
  double LogGain(const TrialRecord& trial) const { return std::log(aim_.Gain(trial.outcome)); }

  const Aim& aim_;
  const History& history_;
};

// The best trial seen so far, and what it is expected to bring.
struct Best {
  std::optional<size_t> index;
  double gain = 0;
};

}  // namespace

double EpochsIn(const Aim& aim, const TrialRecord& trial, double seconds) {
  const double speed = trial.images_per_second.value_or(aim.macs_per_second / trial.model->macs());
  return std::floor(100 * seconds * speed / static_cast<double>(aim.images)) / 100;
}

std::optional<size_t> ChooseFinalist(const Aim& aim, const History& history, double seconds,
                                     double later) {
  const Chooser chooser(aim, history);
  const double in_hand = chooser.InHand();
  const bool first = std::none_of(history.trials.begin(), history.trials.end(),
                                  [](const TrialRecord& trial) { return trial.final; });
  Best best;
  for (size_t i = 0; i < history.trials.size(); ++i) {
    const TrialRecord& trial = history.trials[i];
    const bool tells_too_little = first && trial.trial.rung == 0;
    if (!chooser.IsOpen(i) || tells_too_little || chooser.IsDominated(i)) continue;
    const double epochs = EpochsIn(aim, trial, seconds + later);
    if (trial.final && epochs < trial.outcome.epochs) continue;  // overfits only (decision 5)
    const double gain = first && later > 0 ? chooser.SafeGain(trial, EpochsIn(aim, trial, seconds))
                                           : chooser.ExpectedGain(trial, epochs, in_hand);
    // All are far from the limit where gains are equal: the most accurate is taken.
    const bool tie = best.index && gain == best.gain &&
                     trial.outcome.accuracy > history.trials[*best.index].outcome.accuracy;
    if (!best.index || gain > best.gain || tie) best = {i, gain};
  }
  return best.index;
}

}  // namespace nacre
