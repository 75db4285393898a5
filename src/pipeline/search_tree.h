// The tree search of one round.
#pragma once

#include "pipeline/rate_space.h"
#include "pipeline/teacher_outputs.h"
#include "pipeline/tree_plan.h"

namespace nacre {

// What all rounds of a run share.
struct SearchInputs {
  const Ingested& in;
  const Baselines& baselines;
  const RatedSpace& rated;
  const std::vector<Point>& roots;  // the solver's
  const Aim& aim;
};

// Adds trials to the history. Errors: those that end the run.
Expected<void> SearchTree(RunServices& run, const SearchInputs& inputs, const RoundScope& scope,
                          const StoredAnswers& answers, History& history);

// A line for log and report: how well scores and table ranked what the tree search then measured.
void NoteRankQuality(const RatedSpace& rated, History& history);

}  // namespace nacre
