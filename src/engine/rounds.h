// Budgets and rounds of a run. It begins with one budget; once that has been gone through to
// acceptance, a larger one lets it go on from distilled candidates, scores, trials and finalists so
// far. Every budget is spent in rounds of search and final training, each of which goes on from
// what the one before has found (decisions 19 and 21).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "store/run.h"

namespace nacre {

// All budgets of the run as totals, in seconds that it will have spent; the last is the one under
// way. `first`: what the run begins with; `wanted`: the total that is asked for now. While a budget
// is under way another total takes its place. Errors: kUsage with what to give, when the first
// would be less than shares::kLeastBudget, or another less than shares::kLeastMore longer.
Expected<std::vector<Seconds>> PlanBudgets(Run& run, Seconds first, std::optional<Seconds> wanted);

// Error (kUsage) when a run cannot begin with this budget; it begins with `name`.
Expected<void> CheckFirstBudget(Seconds budget, const std::string& name);

// The last budget has led to acceptance: a larger total asks for another one.
Expected<void> EndBudget(Run& run);

// One search with the training that follows. INT8 and acceptance come after the last one of the
// budget.
struct Round {
  size_t budget = 0;         // which it is of
  Seconds begin{0}, end{0};  // in seconds that the run will have spent
  size_t finalists = 2;
  Seconds later{0};  // of final training in the round that follows within the same budget
};

// A long budget has two rounds of one finalist each, so that the second search knows what the first
// finalist has shown; a short one has one round of two finalists. `to_finish`: how long INT8 and
// acceptance take, which every budget ends with; they have 1 - shares::kTraining of it at least.
std::vector<Round> RoundsOf(const std::vector<Seconds>& budgets, Seconds to_finish = Seconds(0));

}  // namespace nacre
