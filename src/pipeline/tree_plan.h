// What the tree search of a round takes, and what it aims at.
#pragma once

#include "pipeline/context.h"
#include "search/tree_search.h"

namespace nacre {

// Time for the search, decided once, so that a resumed run asks for the same trials.
Expected<double> SearchSeconds(Context& context);

// Rungs that fit into so many seconds, and what the training after each stands to add. `macs`:
// multiply-accumulates of the original.
TreeSearchOptions PlanTree(const Context& context, double seconds, double macs);

// Of a search of so many seconds by that plan, for one trial of a rung.
double SecondsOfTrial(double seconds, const TreeSearchOptions& plan, int rung);

}  // namespace nacre
