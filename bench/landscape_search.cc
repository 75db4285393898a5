// What the tree search finds on synthetic landscapes, beside random search: landscape_search
// Mean over 40 landscapes of 12 slots with 6 choices each (the original takes 1200) of the latency
// of the fastest network that was tried and is good enough in the end. Seconds; no data, no target.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "search/random_search.h"
#include "search/tree_search.h"
#include "testing/landscape.h"

using namespace nacre;

namespace {

double Best(Strategy& strategy, const Landscape& landscape, double wanted) {
  double best = 1200;
  for (auto trials = strategy.Ask(1); !trials.empty(); trials = strategy.Ask(1)) {
    const Trial& trial = trials[0];
    strategy.Tell(trial, landscape.Evaluate(trial));
    if (landscape.Final(trial.point) >= wanted) {
      best = std::min(best, landscape.Latency(trial.point));
    }
  }
  return best;
}

}  // namespace

int main() {
  constexpr int kSeeds = 40;
  std::printf("| wanted | first rung | tree search | random search |\n|---|---|---|---|\n");
  for (const double wanted : {0.87, 0.88, 0.89}) {
    for (const int first : {10, 16, 24}) {
      double tree = 0, random = 0;
      for (uint64_t seed = 0; seed < kSeeds; ++seed) {
        const Landscape landscape(12, 6, seed);
        TreeSearchOptions options{.rungs = {first, std::max(3, first / 3), 2},
                                  .wanted = wanted,
                                  .trained = Landscape::Trained,
                                  .seed = seed};
        TreeSearch search(landscape, options);
        tree += Best(search, landscape, wanted) / kSeeds;
        random += Best(*MakeRandomSearch(landscape, options), landscape, wanted) / kSeeds;
      }
      std::printf("| %.2f | %d | %.1f | %.1f |\n", wanted, first, tree, random);
    }
  }
}
