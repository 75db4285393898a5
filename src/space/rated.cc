#include "space/rated.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "forecast/priors.h"
#include "space/latencies.h"

namespace nacre {
namespace {

// The objective's figure of each block as it is; nothing where the table has no latency for it.
std::vector<std::optional<double>> CostsOfBlocks(const Space& space, Objective objective) {
  std::vector<std::optional<double>> costs(space.blocks.size());
  for (const RatedCandidate& each : space.candidates) {
    if (IsKeep(each.candidate) && each.usage)
      costs[static_cast<size_t>(each.candidate.first)] = Of(objective, *each.usage);
  }
  return costs;
}

// The same for a run of blocks: the sum over those that are priced.
std::optional<double> CostOfBlocks(const Space& space, Objective objective, int first, int last) {
  const auto costs = CostsOfBlocks(space, objective);
  std::optional<double> sum;
  for (int block = first; block <= last; ++block) {
    const auto& cost = costs[static_cast<size_t>(block)];
    if (cost) sum = sum.value_or(0) + *cost;
  }
  return sum;
}

// The cheapest cover of the blocks before each position.
struct Prefix {
  double cost = std::numeric_limits<double>::infinity();
  int picks = 0;
  int last = -1;  // index of the candidate that ends here
};

// What a candidate adds; nothing where it may not be picked.
std::optional<double> CostToPick(const RatedCandidate& rated, Objective objective) {
  if (rated.usage) return Of(objective, *rated.usage);
  return IsKeep(rated.candidate) ? std::optional(0.0) : std::nullopt;
}

// Candidates by the block that they begin with.
std::vector<std::vector<int>> ByFirst(const Space& space) {
  std::vector<std::vector<int>> begins(space.blocks.size());
  for (size_t i = 0; i < space.candidates.size(); ++i)
    begins[static_cast<size_t>(space.candidates[i].candidate.first)].push_back(static_cast<int>(i));
  return begins;
}

Architecture CheapestCover(const Space& space, Objective objective) {
  std::vector<Prefix> prefixes(space.blocks.size() + 1);
  prefixes[0].cost = 0;
  const auto begins = ByFirst(space);
  for (size_t block = 0; block < begins.size(); ++block) {
    const Prefix before = prefixes[block];
    for (const int pick : begins[block]) {
      const RatedCandidate& rated = space.candidates[static_cast<size_t>(pick)];
      const auto cost = CostToPick(rated, objective);
      if (!cost) continue;
      Prefix& after = prefixes[static_cast<size_t>(rated.candidate.last) + 1];
      const Prefix with{before.cost + *cost, before.picks + 1, pick};
      if (std::pair(with.cost, with.picks) < std::pair(after.cost, after.picks)) after = with;
    }
  }
  Architecture architecture;
  for (size_t end = space.blocks.size(); end > 0;) {
    architecture.picks.push_back(prefixes[end].last);
    end = static_cast<size_t>(
        space.candidates[static_cast<size_t>(prefixes[end].last)].candidate.first);
  }
  std::reverse(architecture.picks.begin(), architecture.picks.end());
  return architecture;
}

}  // namespace

Expected<void> FillUsages(Space& space, const LatencyTable& table, const Target& target) {
  const auto latencies = CandidateLatencies(table, space);
  const auto blocks = static_cast<double>(space.blocks.size());
  for (size_t i = 0; i < space.candidates.size(); ++i) {
    RatedCandidate& rated = space.candidates[i];
    rated.usage.reset();
    if (!latencies[i]) continue;
    NACRE_TRY(Usage usage, UsageOf(rated.candidate.fragment, target));
    NACRE_TRY(const double weights, WeightBytes(rated.candidate.fragment, target));
    usage.memory = weights + (usage.memory - weights) / blocks;
    usage.latency = *latencies[i];
    rated.usage = usage;
  }
  return {};
}

Usage SumOf(const Space& space, const std::vector<int>& picks) {
  Usage sum;
  for (const int pick : picks) {
    const auto& usage = space.candidates.at(static_cast<size_t>(pick)).usage;
    if (!usage) continue;
    sum.latency += usage->latency;
    sum.size += usage->size;
    sum.memory += usage->memory;
  }
  return sum;
}

double ScoreOf(const Space& space, const std::vector<int>& picks) {
  double sum = 0;
  for (const int pick : picks)
    sum += space.candidates.at(static_cast<size_t>(pick)).score.value_or(0);
  return sum;
}

Usage Predicted(const Space& space, const PricingContext& pricing, const std::vector<int>& picks) {
  const Usage sum = SumOf(space, picks);
  const Usage kept = SumOf(space, Original(space).picks);
  const auto whole = [&](const Usage& parts) {
    return pricing.overhead + pricing.scale * parts.latency;
  };
  // The table is right up to a factor, sizes up to what lies between the blocks.
  const Usage& original = pricing.original;
  return {original.latency * whole(sum) / whole(kept),
          std::max(0.0, original.size + sum.size - kept.size),
          std::max(0.0, original.memory + sum.memory - kept.memory)};
}

double Gain(const PricingContext& pricing, double cost) {
  return Of(pricing.objective, pricing.original) / cost;
}

Cheapest FindCheapest(const Space& space, const PricingContext& pricing) {
  Cheapest cheapest{.architecture = CheapestCover(space, pricing.objective)};
  cheapest.usage = Predicted(space, pricing, cheapest.architecture.picks);
  cheapest.gain = Gain(pricing, Of(pricing.objective, cheapest.usage));
  for (const int pick : cheapest.architecture.picks)
    cheapest.unpriced += space.candidates[static_cast<size_t>(pick)].usage ? 0 : 1;
  return cheapest;
}

bool IsUseful(const Space& space, Objective objective, size_t index) {
  const RatedCandidate& rated = space.candidates.at(index);
  if (!rated.usage) return false;
  if (IsKeep(rated.candidate)) return true;
  const auto replaced = CostOfBlocks(space, objective, rated.candidate.first, rated.candidate.last);
  return replaced && Of(objective, *rated.usage) <= priors::kUsefulCost * *replaced;
}

bool IsUsable(const Space& space, Objective objective, size_t index) {
  return space.candidates.at(index).score.has_value() && IsUseful(space, objective, index);
}

}  // namespace nacre
