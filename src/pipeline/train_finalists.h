// Final training of the finalists of a round, one after the other, each chosen with what the one
// before has shown.
#pragma once

#include "pipeline/network_trainer.h"
#include "pipeline/search_tree.h"

namespace nacre {

// Adds finalists, and records of their training, to the history. A finalist whose training fails is
// replaced by the next. Errors: none could be trained (as the last failure says, kNothingMet when
// no trial keeps the bounds, else kUsage: the budget is too small), and those that end the run.
Expected<void> TrainFinalists(RunServices& run, const SearchInputs& inputs, const RoundScope& scope,
                              const StoredAnswers& answers, History& history);

// For the final training of `id` (Training::ends_with_bits): the target's bits of weights when
// post-training INT8 costs the network more accuracy on the validation images than training it away
// is worth, else 0. Null when the target takes floats.
std::function<Expected<int>(const ArtifactHash&)> EndsWithBits(RunServices& run, const Ingested& in,
                                                               const std::string& id);

}  // namespace nacre
