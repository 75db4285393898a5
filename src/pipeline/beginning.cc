#include "pipeline/beginning.h"

#include <fmt/format.h>

#include "base/log.h"
#include "forecast/priors.h"

namespace nacre {
namespace {

struct Relative {
  const TrialRecord* finalist = nullptr;
  double shared = priors::kLeastShared;  // of the blocks
};

Relative NearestFinalist(const BeginningInputs& inputs, const TrialRecord& trial) {
  Relative nearest;
  if (!trial.trial.point.moves.empty()) return nearest;
  for (const TrialRecord& other : inputs.history.trials) {
    const Point& point = other.trial.point;
    if (!other.final || !point.moves.empty() || point == trial.trial.point) continue;
    const double shared = inputs.space.Shared(trial.trial.point, point);
    if (shared >= nearest.shared) nearest = {&other, shared};
  }
  return nearest;
}

// The trial's network with the weights of the finalist wherever both pick the same.
Expected<ArtifactHash> Heir(const BeginningInputs& inputs, const TrialRecord& trial,
                            const TrialRecord& finalist) {
  Materials& materials = inputs.run.materials;
  NACRE_TRY(const auto own, materials.GetNetwork(trial.model->hash));
  NACRE_TRY(const auto taught, materials.GetNetwork(finalist.model->hash));
  return materials.PutNetwork(
      inputs.space.Inherit(trial.trial.point, *own, finalist.trial.point, *taught));
}

}  // namespace

Expected<Beginning> BeginningOf(const BeginningInputs& inputs, const TrialRecord& trial,
                                const std::string& id) {
  const Beginning own{trial.model->hash};
  const Relative nearest = NearestFinalist(inputs, trial);
  if (nearest.finalist == nullptr) return own;
  if (nearest.shared * nearest.finalist->outcome.epochs <= trial.outcome.epochs) return own;
  NACRE_TRY(const ArtifactHash heir, Heir(inputs, trial, *nearest.finalist));
  NACRE_TRY(const TrainedNetwork alone, inputs.trainer.Train(id, own.network, {}));
  NACRE_TRY(const TrainedNetwork with, inputs.trainer.Train(id, heir, {}));
  const bool fits = with.accuracy > alone.accuracy - priors::kGraftLoss;
  Info(
      fmt::format("finalist {}: {:.2f} % as its trial left it, {:.2f} % with what it shares with "
                  "the finalist before ({:.0f} %): {}",
                  id, 100 * alone.accuracy, 100 * with.accuracy, 100 * nearest.shared,
                  fits ? "taken over" : "left"));
  return fits ? Beginning{with.network, true} : own;
}

}  // namespace nacre
