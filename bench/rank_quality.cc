// How well block scores rank networks: rank_quality RUN [EPOCHS]. Goes through the run's stages up
// to the solver (what the run has done is not done again), distils every architecture that the
// solver found for EPOCHS (0.3) from its distilled parts, none inheriting from another, and prints
// Kendall's tau between summed scores and accuracy on the validation images. The jobs are stored in
// RUN: give it a copy.
#include <fmt/format.h>

#include "base/clock.h"
#include "base/progress.h"
#include "base/rank.h"
#include "pipeline/context.h"
#include "pipeline/training.h"
#include "pipeline/tree_space.h"

using namespace nacre;

namespace {

Expected<void> Rank(Context& context, double epochs) {
  constexpr double kRate = 0.15;  // as trials of the first rung
  for (const PipelineStage& stage : Stages()) {
    context.progress->Stage(stage.name);
    if (stage.name == "tree") break;
    NACRE_CHECK_OK(stage.run(context));
  }
  NACRE_CHECK_OK(PrepareTeacherOutputs(context));
  const ArchitectureSpace space(context);
  std::vector<double> scores, accuracies;
  fmt::print("score     accuracy  predicted\n");
  for (const Point& root : context.roots) {
    NACRE_TRY(const Network network, space.Build(root));
    NACRE_TRY(
        const TrainedNetwork trained,
        DistilNetwork(context, fmt::format("root {}", scores.size()), network, {epochs, kRate}));
    const double sum = context.ScoreOf(root.genes);
    scores.push_back(-sum);
    accuracies.push_back(trained.accuracy);
    fmt::print("{:<9.4f} {:>6.2f} %  {:.2f}x  {}\n", sum, 100 * trained.accuracy,
               context.original_usage.latency / context.Predicted(root.genes).latency,
               space.Describe(root));
  }
  fmt::print("Kendall tau {:.3f} over {} networks, {} epochs each\n",
             KendallTau(scores, accuracies), scores.size(), epochs);
  return {};
}

Expected<void> Main(const std::string& folder, double epochs) {
  NACRE_TRY(const auto run, Run::Open(folder, Run::Mode::kResume));
  Context context;
  NACRE_CHECK_OK(ReadConfigFile(run->folder() / "config.resolved.toml", context.config));
  const auto compiler = MakeOpenVinoCompiler();
  const auto progress = MakeTerminalProgress(SteadyClock());
  Budget budget(SteadyClock(), context.config.budget, Seconds(0));
  context.run = run.get();
  context.compiler = compiler.get();
  context.progress = progress.get();
  context.budget = &budget;
  context.machine = InspectMachine();
  context.cores = context.machine.cores;
  context.bf16 = context.machine.HasBf16();
  return Rank(context, epochs);
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
