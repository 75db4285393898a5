#include "search/run_search.h"

#include <stdexcept>

namespace nacre {

Expected<void> RunSearch(Strategy& strategy, Evaluator& evaluator, size_t at_once) {
  if (at_once == 0) throw std::logic_error("a search evaluates at least one trial at a time");
  for (;;) {
    // Nothing is under way here, so a strategy that asks for nothing has nothing left.
    const std::vector<Trial> trials = strategy.Ask(at_once);
    if (trials.empty()) return {};
    const std::vector<Expected<Outcome>> outcomes = evaluator.Evaluate(trials);
    if (outcomes.size() != trials.size()) {
      throw std::logic_error("an evaluator gives one result for each trial");
    }
    for (size_t i = 0; i < trials.size(); ++i) {
      NACRE_TRY(const Outcome outcome, outcomes[i]);
      strategy.Tell(trials[i], outcome);
    }
  }
}

}  // namespace nacre
