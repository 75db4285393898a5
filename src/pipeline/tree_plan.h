// What the tree search of a round spends, and what it aims at.
#pragma once

#include "engine/rounds.h"
#include "pipeline/history.h"
#include "pipeline/run_services.h"
#include "search/tree_search.h"

namespace nacre {

// One round of a run: its part of the budget.
struct RoundScope {
  Round round;
  Budget budget;     // from the round's begin to its end
  Seconds total{0};  // of the budget that the round belongs to
};

// Seconds of the search, decided once, so that a resumed run asks for the same trials. `identity`
// names what is searched.
Expected<double> SearchSeconds(RunServices& run, const RoundScope& scope,
                               const std::string& identity);

// Rungs that fit into so many seconds, and what the training after each is expected to add. `macs`:
// multiply-accumulates of the original.
TreeSearchOptions PlanTree(const Aim& aim, const History& history, const RoundScope& scope,
                           double seconds, double macs);

// Of a search of so many seconds by that plan, for one trial of a rung.
double SecondsOfTrial(double seconds, const TreeSearchOptions& plan, int rung);

}  // namespace nacre
