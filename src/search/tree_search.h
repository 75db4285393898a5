// Tree search over architectures, as AutoNAC's: the solver's solutions are the roots, modifications
// span the tree, the expected improvement (Jones et al., 1998) by a predictor that is refitted as
// outcomes come in chooses what to try, and successive halving (Jamieson and Talwalkar, arXiv
// 1502.07943) chooses what is worth more training.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "forecast/priors.h"
#include "search/front.h"
#include "search/search_space.h"
#include "search/strategy.h"

namespace nacre {

struct TreeSearchOptions {
  std::vector<int> rungs = {16, 6, 2};  // points that each rung evaluates; at least one rung
  double roots = priors::kRootShare;    // share of the first rung that roots may take
  double wanted = 0;                    // accuracy that the final training must reach
  // The accuracy that a network with this outcome is expected to have after the final training: a
  // prior, not a promise.
  std::function<double(const Outcome&)> trained = [](const Outcome& outcome) {
    return outcome.accuracy;
  };
  uint64_t seed = 0;
};

class TreeSearch : public Strategy {
 public:
  // The space must outlive the search. Throws std::logic_error when there is no rung.
  TreeSearch(const SearchSpace& space, TreeSearchOptions options);

  std::vector<Trial> Ask(size_t most) override;
  void Tell(const Trial& trial, const Outcome& outcome) override;

  // All outcomes so far, in the order in which they were told.
  const std::vector<Evaluated>& evaluated() const { return evaluated_; }

 private:
  std::optional<Trial> AskOne();
  std::optional<Trial> AskFirstRung();
  bool AreRootsHopeless() const;
  // Outcomes of a rung without failures: in the order told, and most promising first.
  std::vector<const Evaluated*> Succeeded(int rung) const;
  std::vector<const Evaluated*> BestFirst(int rung) const;
  std::optional<Point> NextRoot();
  std::optional<Trial> Expand();
  std::vector<Point> Survivors() const;
  // Goes on to the next rung. False: the last one is done, or outcomes of this one are missing.
  bool StartNextRung();

  const SearchSpace& space_;
  TreeSearchOptions options_;
  std::vector<Point> roots_;
  std::vector<Point> queue_;    // points of the rung under way that are still to be asked for
  std::set<std::string> seen_;  // keys of all points ever asked for
  std::vector<Evaluated> evaluated_;
  size_t next_root_ = 0;  // of those that the share of the first rung leaves
  bool roots_ended_ = false;
  int rung_ = 0;              // the one under way
  int asked_ = 0, told_ = 0;  // trials of that rung
};

}  // namespace nacre
