// How well block scores rank networks: rank_quality RUN [EPOCHS]. Goes through the run's stages up
// to the solver (what the run has done is not done again), distils every architecture that the
// solver found for EPOCHS (0.3) from its distilled parts, none inheriting from another, and prints
// Kendall's tau between summed scores and accuracy on the validation images. The jobs are stored in
// RUN: give it a copy.
#include <fmt/format.h>

#include "base/clock.h"
#include "base/progress.h"
#include "base/rank.h"
#include "forecast/priors.h"
#include "pipeline/network_trainer.h"
#include "pipeline/session.h"
#include "pipeline/solve_roots.h"
#include "pipeline/teacher_outputs.h"
#include "space/rated.h"

using namespace nacre;

namespace {

struct Ranked {
  std::vector<double> scores, accuracies;
};

Expected<Ranked> Rank(RunServices& run, double epochs) {
  NACRE_TRY(const Ingested in, Ingest(run));
  NACRE_TRY(const Baselines baselines, MeasureBaselines(run, in));
  NACRE_TRY(RatedSpace priced, PriceSpace(run, in, baselines));
  NACRE_TRY(const double speed, MeasureTrainingSpeed(run, in));
  NACRE_TRY(DistilledSpace distilled, DistilCandidates(run, in, speed, std::move(priced)));
  NACRE_TRY(const RatedSpace rated, ScoreCandidates(run, in, speed, std::move(distilled)));
  NACRE_TRY(const std::vector<Point> roots, SolveForRoots(rated));
  NACRE_TRY(const StoredAnswers answers,
            PrepareTeacherOutputs(run, in, baselines, run.budgets.front(), speed));
  const ArchitectureSpace space(rated.space, rated.pricing, roots);
  NetworkTrainer trainer(run, in, answers);
  Ranked ranked;
  fmt::print("score     accuracy  predicted\n");
  for (const Point& root : roots) {
    NACRE_TRY(const Network network, space.Build(root));
    NACRE_TRY(const ArtifactHash hash, run.materials.PutNetwork(network));
    const std::string name = fmt::format("root {}", ranked.scores.size());
    NACRE_TRY(const TrainedNetwork trained,
              trainer.Train(name, hash, {.epochs = epochs, .rate = priors::kFirstRungRate}));
    const double sum = ScoreOf(rated.space, root.genes);
    const double latency = Predicted(rated.space, rated.pricing, root.genes).latency;
    ranked.scores.push_back(-sum);
    ranked.accuracies.push_back(trained.accuracy);
    fmt::print("{:<9.4f} {:>6.2f} %  {:.2f}x  {}\n", sum, 100 * trained.accuracy,
               rated.pricing.original.latency / latency, space.Describe(root));
  }
  return ranked;
}

Expected<void> Main(const std::string& folder, double epochs) {
  NACRE_TRY(const auto store, Run::Open(folder, Run::Mode::kResume));
  RunConfig config;
  NACRE_CHECK_OK(ReadConfigFile(store->folder() / "config.resolved.toml", config));
  const auto progress = MakeTerminalProgress(SteadyClock());
  const std::vector<Seconds> budgets = {config.budget};
  NACRE_TRY(const auto session,
            Session::Start(*store, *progress, {.config = std::move(config), .budgets = budgets}));
  NACRE_TRY(const Ranked ranked, Rank(session->services(), epochs));
  fmt::print("Kendall tau {:.3f} over {} networks, {} epochs each\n",
             KendallTau(ranked.scores, ranked.accuracies), ranked.scores.size(), epochs);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: {} RUN [EPOCHS]\n", argv[0]);
    return 2;
  }
  const auto done = Main(argv[1], argc > 2 ? std::stod(argv[2]) : 0.3);
  if (!done) fmt::print(stderr, "{}\n", done.error().message);
  return done ? 0 : 1;
}
