#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "base/rank.h"
#include "forecast/priors.h"
#include "pipeline/search_tree.h"
#include "space/rated.h"

namespace nacre {
namespace {

// Pairs of what was predicted and what was found, of one kind.
struct Pairs {
  std::vector<double> predicted, found;

  void Add(double one, double other) {
    predicted.push_back(one);
    found.push_back(other);
  }
  double Tau() const { return KendallTau(predicted, found); }
};

double LargestError(const Pairs& latencies) {
  double worst = 0;
  for (size_t i = 0; i < latencies.found.size(); ++i) {
    worst = std::max(worst, std::abs(latencies.predicted[i] / latencies.found[i] - 1));
  }
  return worst;
}

}  // namespace

void NoteRankQuality(const RatedSpace& rated, History& history) {
  Pairs scores, latencies;
  for (const TrialRecord& trial : history.trials) {
    const Point& point = trial.trial.point;
    if (trial.trial.rung != 0 || !point.moves.empty() || trial.failed()) continue;
    const bool inherited = trial.trial.parent.has_value();
    if (!inherited) scores.Add(-ScoreOf(rated.space, point.genes), trial.outcome.accuracy);
    latencies.Add(Predicted(rated.space, rated.pricing, point.genes).latency,
                  trial.model->usage.latency);
  }
  if (static_cast<double>(scores.found.size()) < priors::kRankLeastNetworks) return;
  const std::string note = fmt::format(
      "Kendall tau {:.2f} between summed block scores and accuracy after the first rung over {} "
      "networks, {:.3f} between predicted and measured latency over {} (largest error {:.0f} %)",
      scores.Tau(), scores.found.size(), latencies.Tau(), latencies.found.size(),
      100 * LargestError(latencies));
  Info(note);
  history.notes.push_back(note);
}

}  // namespace nacre
