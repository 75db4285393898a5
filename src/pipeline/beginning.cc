#include "pipeline/beginning.h"

#include <fmt/format.h>

#include "base/log.h"
#include "onnx/onnx.h"
#include "pipeline/training.h"
#include "pipeline/tree_space.h"

namespace nacre {
namespace {

constexpr double kLeastShared = 0.3;  // of the blocks
constexpr double kHeals =
    0.05;  // accuracy that weights of different trainings lose beside each other, and soon regain

Expected<Network> Stored(const Context& context, const std::string& artifact) {
  NACRE_TRY(const std::string bytes, context.run->GetArtifact(artifact));
  return ParseOnnx(bytes);
}

struct Relative {
  const Tried* finalist = nullptr;
  double shared = kLeastShared;
};

Relative Nearest(const Context& context, const ArchitectureSpace& space, const Tried& tried) {
  Relative nearest;
  for (const Tried& other : context.tried) {
    const bool plain = other.trial.point.moves.empty() && tried.trial.point.moves.empty();
    if (!other.final || !plain || other.trial.point == tried.trial.point) continue;
    const double shared = space.Shared(tried.trial.point, other.trial.point);
    if (shared >= nearest.shared) nearest = {&other, shared};
  }
  return nearest;
}

}  // namespace

Expected<Beginning> BeginningOf(Context& context, const Tried& tried, const std::string& id) {
  NACRE_TRY(Network own, Stored(context, tried.artifact));
  const ArchitectureSpace space(context);
  const Relative nearest = Nearest(context, space, tried);
  if (nearest.finalist == nullptr ||
      nearest.shared * nearest.finalist->outcome.epochs <= tried.outcome.epochs) {
    return Beginning{std::move(own)};
  }
  NACRE_TRY(const Network taught, Stored(context, nearest.finalist->artifact));
  const Network heir = space.Inherit(tried.trial.point, own, nearest.finalist->trial.point, taught);
  NACRE_TRY(const TrainedNetwork alone, DistilNetwork(context, id, own, {}));
  NACRE_TRY(const TrainedNetwork with, DistilNetwork(context, id, heir, {}));
  const bool fits = with.accuracy > alone.accuracy - kHeals;
  Info(
      fmt::format("finalist {}: {:.2f} % as its trial left it, {:.2f} % with what it shares with "
                  "the finalist before ({:.0f} %): {}",
                  id, 100 * alone.accuracy, 100 * with.accuracy, 100 * nearest.shared,
                  fits ? "taken over" : "left"));
  if (!fits) return Beginning{std::move(own)};
  NACRE_TRY(Network better, Stored(context, with.artifact));
  return Beginning{std::move(better), true};
}

}  // namespace nacre
