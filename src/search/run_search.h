// The loop of every search.
#pragma once

#include <cstddef>

#include "base/expected.h"
#include "search/evaluator.h"
#include "search/strategy.h"

namespace nacre {

// Asks for up to `at_once` trials (at least 1), evaluates them and tells their outcomes, until
// nothing is asked for. Error: the first that the evaluator gives; trials before it have been told.
// Throws std::logic_error when the evaluator does not give one result for each trial.
Expected<void> RunSearch(Strategy& strategy, Evaluator& evaluator, size_t at_once);

}  // namespace nacre
