// What the run's own trials say of the means by which they were chosen: block scores and latency
// table.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "base/rank.h"
#include "pipeline/context.h"

namespace nacre {

void NoteRankQuality(Context& context) {
  std::vector<double> scores, accuracies, predicted, measured;
  double worst = 0;
  for (const Tried& tried : context.tried) {
    if (tried.trial.rung != 0 || !tried.trial.point.moves.empty() || !tried.outcome.error.empty())
      continue;
    if (!tried.trial.parent) {  // others have inherited training
      scores.push_back(-context.ScoreOf(tried.trial.point.genes));
      accuracies.push_back(tried.outcome.accuracy);
    }
    predicted.push_back(context.Predicted(tried.trial.point.genes).latency);
    measured.push_back(tried.usage.latency);
    worst = std::max(worst, std::abs(predicted.back() / measured.back() - 1));
  }
  constexpr size_t kLeast = 5;
  if (scores.size() < kLeast) return;
  const std::string note = fmt::format(
      "Kendall tau {:.2f} between summed block scores and accuracy after the first rung over {} "
      "networks, {:.3f} between "
      "predicted and measured latency over {} (largest error {:.0f} %)",
      KendallTau(scores, accuracies), scores.size(), KendallTau(predicted, measured),
      measured.size(), 100 * worst);
  Info(note);
  context.report.notes.push_back(note);
}

}  // namespace nacre
