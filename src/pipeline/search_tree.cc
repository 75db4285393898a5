#include "pipeline/search_tree.h"

#include "base/hash.h"
#include "pipeline/roots.h"
#include "pipeline/trial_evaluator.h"
#include "search/run_search.h"

namespace nacre {

Expected<void> SearchTree(RunServices& run, const SearchInputs& inputs, const RoundScope& scope,
                          const StoredAnswers& answers, History& history) {
  const std::string identity = inputs.in.teacher_hash + " " + inputs.in.train->hash;
  NACRE_TRY(const double seconds, SearchSeconds(run, scope, identity));
  TreeSearchOptions plan = PlanTree(inputs.aim, history, scope, seconds, inputs.in.teacher_macs());
  plan.seed = run.config.seed + history.finalists.size();  // a later round looks elsewhere
  const ArchitectureSpace space(inputs.rated.space, inputs.rated.pricing,
                                RootsOfRound(inputs.roots, inputs.rated, inputs.aim, history));
  TrialEvaluator evaluator({.run = run,
                            .in = inputs.in,
                            .baselines = inputs.baselines,
                            .space = space,
                            .aim = inputs.aim,
                            .answers = answers,
                            .plan = plan,
                            .seconds = seconds},
                           history);
  TreeSearch search(space, plan);
  NACRE_CHECK_OK(RunSearch(search, evaluator, 1));
  // In later rounds all go on from trained networks, which says nothing of scores.
  if (scope.budget.FromTheStart()) NoteRankQuality(inputs.rated, history);
  return {};
}

}  // namespace nacre
