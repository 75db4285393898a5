// Rounds of a run. The budget that it begins with is the first; once that has been gone through to acceptance, a larger one
// asks for another round of search and final training. It keeps distilled candidates, scores, trials and finalists, and goes
// on from what they have learned.
#pragma once

#include <optional>
#include <vector>

#include "base/units.h"
#include "store/run.h"

namespace nacre {

constexpr Seconds kLeastBudget{120}, kLeastRound{60};

// Where every round ends, in seconds that the run will have spent; the last is the one under way. `first`: the budget that the
// run begins with; `wanted`: the total that is asked for now. While a round is under way another total takes the place of its own.
// Errors: kUsage with what to give, when less than kLeastBudget would be left for the first round, or kLeastRound for another.
Expected<std::vector<Seconds>> PlanRounds(Run& run, Seconds first, std::optional<Seconds> wanted);

// The last round has led to acceptance: a larger total asks for another one.
Expected<void> EndRound(Run& run);

}  // namespace nacre
