// Exact choice among 60 spans x 30 candidates; the limit is 0.2 s a solve.
#include <benchmark/benchmark.h>

#include "base/random.h"
#include "search/solver.h"

namespace nacre {
namespace {

// Slower candidates lose less, with noise, as scores do; every fifth covers two blocks.
std::vector<Choice> MakeChoices(int blocks, int candidates) {
  Random random(1);
  std::vector<Choice> choices;
  for (int b = 0; b < blocks; ++b) {
    choices.push_back({b, b, 0, 12});
    for (int i = 1; i < candidates; ++i) {
      const int last = i % 5 == 0 && b + 1 < blocks ? b + 1 : b;
      const double share = random.Uniform();
      const double loss = (1 - share) * (1 - share) * 0.1 * (1 + random.Uniform());
      choices.push_back({b, last, loss * (last - b + 1), 12 * share});
    }
  }
  return choices;
}

void BM_Solve(benchmark::State& state) {
  const auto choices = MakeChoices(60, 30);
  for (auto _ : state) {
    auto solved = SolveBest(choices, 60, {.cost = 12.0 * 60 / state.range(0)});
    if (!solved || solved->empty()) state.SkipWithError("no solution");
    benchmark::DoNotOptimize(solved);
  }
}
BENCHMARK(BM_Solve)->Arg(2)->Arg(3)->Arg(6)->Unit(benchmark::kMillisecond);

void BM_SolveEightDiverse(benchmark::State& state) {
  const auto choices = MakeChoices(60, 30);
  for (auto _ : state) {
    benchmark::DoNotOptimize(SolveBest(choices, 60, {.cost = 12.0 * 60 / 3}, 8, 3));
  }
}
BENCHMARK(BM_SolveEightDiverse)->Unit(benchmark::kMillisecond);

void BM_SolveDynamic(benchmark::State& state) {
  const auto choices = MakeChoices(60, 30);
  for (auto _ : state) benchmark::DoNotOptimize(SolveDynamic(choices, 60, 12.0 * 60 / 3));
}
BENCHMARK(BM_SolveDynamic)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nacre

BENCHMARK_MAIN();
