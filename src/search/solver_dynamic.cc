#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

#include "search/solver.h"

namespace nacre {

Expected<std::vector<Solution>> SolveSweep(const std::vector<Choice>& choices, int blocks,
                                           const std::vector<double>& budgets, int count,
                                           int diversity) {
  std::vector<Solution> all;
  std::set<std::vector<int>> seen;
  for (double budget : budgets) {
    if (budget <= 0) continue;
    NACRE_TRY(auto solutions, SolveBest(choices, blocks, {.latency = budget}, count, diversity));
    for (Solution& solution : solutions) {
      if (seen.insert(solution.picks).second) all.push_back(std::move(solution));
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Solution& a, const Solution& b) { return a.latency < b.latency; });
  return all;
}

Solution SolveDynamic(const std::vector<Choice>& choices, int blocks, double latency_limit,
                      int bins) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  if (blocks < 1 || bins < 1 || latency_limit <= 0) return {};
  const double step = latency_limit / bins;
  // best[b][t]: least cost of covering the blocks before b within t steps, and the last pick.
  std::vector<std::vector<double>> best(blocks + 1, std::vector<double>(bins + 1, kNever));
  std::vector<std::vector<int>> pick(blocks + 1, std::vector<int>(bins + 1, -1));
  best[0].assign(bins + 1, 0);
  std::vector<int> steps;
  std::vector<std::vector<int>> ending(blocks);
  for (size_t i = 0; i < choices.size(); ++i) {
    if (choices[i].first < 0 || choices[i].first > choices[i].last || choices[i].last >= blocks) {
      throw std::logic_error("a choice covers blocks that do not exist");
    }
    steps.push_back(
        static_cast<int>(std::clamp(std::ceil(choices[i].latency / step - 1e-9), 0.0, bins + 1.0)));
    ending[choices[i].last].push_back(static_cast<int>(i));
  }
  for (int b = 1; b <= blocks; ++b) {
    for (int i : ending[b - 1]) {
      const auto& before = best[choices[i].first];
      for (int t = steps[i]; t <= bins; ++t) {
        const double cost = before[t - steps[i]] + choices[i].cost;
        if (cost < best[b][t]) {
          best[b][t] = cost;
          pick[b][t] = i;
        }
      }
    }
  }
  Solution solution;
  if (best[blocks][bins] == kNever) return solution;
  for (int b = blocks, t = bins; b > 0;) {
    const int i = pick[b][t];
    solution.picks.push_back(i);
    solution.cost += choices[i].cost;
    solution.latency += choices[i].latency;
    solution.size += choices[i].size;
    t -= steps[i];
    b = choices[i].first;
  }
  std::reverse(solution.picks.begin(), solution.picks.end());
  return solution;
}

}  // namespace nacre
