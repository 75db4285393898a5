// What architectures are expected to cost and to lose, by the sums over the candidates that they
// pick. Picks are indices into Space::candidates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/expected.h"
#include "cost/latency_table.h"
#include "cost/objective.h"
#include "space/space.h"
#include "target/target.h"

namespace nacre {

// What the cost of an architecture depends on besides its picks.
struct PricingContext {
  Target target;
  Objective objective = Objective::kLatency;
  Bounds bounds;
  Usage original;  // measured on the target
  // LatencyTable's, in microseconds and as a factor.
  double overhead = 0, scale = 1;
  uint64_t seed = 0;  // of macro moves
};

// Sets the usages of all candidates that the table has a latency for. Each candidate answers for an
// equal share of its largest activations, which do not add up over the parts of a network as
// weights do. Error (kModel): a fragment's shapes do not fit.
Expected<void> FillUsages(Space& space, const LatencyTable& table, const Target& target);

// Candidates without a usage add nothing.
Usage SumOf(const Space& space, const std::vector<int>& picks);
// Candidates without a score add nothing. Lower is better.
double ScoreOf(const Space& space, const std::vector<int>& picks);

// What a network of these candidates is expected to cost: the original's latency times the ratio of
// the table's sums, and its bytes plus the difference of the sums.
Usage Predicted(const Space& space, const PricingContext& pricing, const std::vector<int>& picks);

// The original over `cost`, which is in the objective's unit: how many times faster or smaller.
double Gain(const PricingContext& pricing, double cost);

// The cheapest architecture by the table, whatever it loses: how far the space reaches on the
// target.
struct Cheapest {
  Architecture architecture;
  Usage usage;      // Predicted
  double gain = 1;  // of the objective, over the original
  int unpriced =
      0;  // blocks that stay as they are, for the table lacks them; they cost nothing here
};
// Candidates without a usage are not picked, but "keep". Exact, in linear time. Of two that cost as
// much the one with fewer candidates, then the earlier ones.
Cheapest FindCheapest(const Space& space, const PricingContext& pricing);

// Whether the candidate is priced, and is "keep" or cheaper than the blocks that it replaces, as
// far as those are priced (priors::kUsefulCost).
bool IsUseful(const Space& space, Objective objective, size_t index);
// Whether solver and search may pick the candidate: it is useful and has a score.
bool IsUsable(const Space& space, Objective objective, size_t index);

}  // namespace nacre
