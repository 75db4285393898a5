// How the searches of a super-network compare at equal evaluations:
// subnet_search RUN EVALUATIONS SEEDS. RUN has trained a super-network (--method bootstrap); what
// is measured here stays in its store. Prints the hypervolume of accuracy times the share of the
// INT8 original's latency that is saved, for NSGA-II by measured latency, NSGA-II by
// multiply-accumulates, and random search.
#include <fmt/format.h>

#include <cstdio>

#include "bench/must.h"
#include "pipeline/baselines.h"
#include "pipeline/ingest.h"
#include "pipeline/search_subnets.h"
#include "pipeline/session.h"
#include "pipeline/stored_supernet.h"

namespace nacre {
namespace {

void Compare(RunServices& run, int evaluations, int seeds) {
  const Ingested in = Must(Ingest(run));
  const Baselines baselines = Must(MeasureBaselines(run, in));
  Supernet supernet = Must(PrepareSupernet(run, in, baselines, 0));
  Must(AdoptSupernet(run, in, run.store.folder(), supernet));
  fmt::print("{:<8} {:>4} {:>12} {:>6} {:>11}\n", "search", "seed", "hypervolume", "front",
             "evaluations");
  for (int seed = 0; seed < seeds; ++seed) {
    for (const char* strategy : {"nsga2", "macs", "random"}) {
      History history{.forecast = Forecast({in.accuracy.value, in.accuracy.images})};
      Must(SearchSubnets(
          run, supernet, baselines,
          {.strategy = strategy, .evaluations = evaluations, .seed = static_cast<uint64_t>(seed)},
          history));
      fmt::print("{:<8} {:>4} {:>12.4f} {:>6} {:>11}\n", strategy, seed,
                 SubnetHypervolume(history, supernet.aim), SubnetsOnFront(history),
                 history.trials.size());
      std::fflush(stdout);
    }
  }
}

void Main(const std::filesystem::path& folder, int evaluations, int seeds) {
  const auto store = Must(Run::Open(folder, Run::Mode::kResume));
  RunConfig config;
  Must(ReadConfigFile(folder / "config.resolved.toml", config));
  const auto progress = MakeSilentProgress();
  const SessionOptions options{
      .config = config, .budgets = {config.budget}, .command = "subnet_search", .version = "bench"};
  const auto session = Must(Session::Start(*store, *progress, options));
  Compare(session->services(), evaluations, seeds);
}

}  // namespace
}  // namespace nacre

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: subnet_search RUN EVALUATIONS SEEDS\n");
    return 2;
  }
  nacre::Main(argv[1], std::stoi(argv[2]), std::stoi(argv[3]));
  return 0;
}
