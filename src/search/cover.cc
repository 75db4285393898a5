#include "search/cover.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace nacre::search_internal {

void CheckBlocks(const std::vector<Choice>& choices, int blocks) {
  for (const Choice& choice : choices) {
    if (choice.first < 0 || choice.last < choice.first || choice.last >= blocks) {
      throw std::logic_error("a choice covers blocks that do not exist");
    }
  }
}

Solution SolutionOf(const std::vector<Choice>& choices, std::vector<int> picks) {
  std::sort(picks.begin(), picks.end(),
            [&](int a, int b) { return choices[a].first < choices[b].first; });
  Solution solution{.picks = std::move(picks)};
  for (int pick : solution.picks) {
    solution.loss += choices[pick].loss;
    solution.cost += choices[pick].cost;
    solution.second += choices[pick].second;
  }
  return solution;
}

}  // namespace nacre::search_internal
