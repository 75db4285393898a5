// Tree search over architectures (AutoNAC's; method.md section 2, step 6): the solver's solutions
// are the roots, modifications span the tree, the expected improvement (Jones et al., 1998) by a
// predictor that is refitted as results come in chooses what to try, and successive halving
// (Jamieson and Talwalkar, arXiv 1502.07943) chooses what is worth more training.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "search/search.h"

namespace nacre {

struct TreeSearchOptions {
  std::vector<int> rungs = {16, 6, 2};  // points that each rung evaluates
  double roots = 0.4;                   // share of the first rung that roots may take
  double wanted = 0;                    // accuracy that the final training must reach
  // Accuracy that a network which came to this outcome stands to have after the final training. A
  // prior, not a promise.
  std::function<double(const Outcome&)> trained = [](const Outcome& outcome) {
    return outcome.accuracy;
  };
  uint64_t seed = 0;
};

// What the tree is made of. All must be deterministic.
struct TreeSpace {
  std::vector<Point>
      roots;  // dearest first: when two in a row are hopeless, cheaper ones are not tried
  std::function<std::vector<Point>(const Point&)> neighbours;
  std::function<std::vector<double>(const Point&)> features;
  // What is minimised, as the cheapest means says (the table's sum); negative: not to be tried.
  std::function<double(const Point&)> cost;
};

// How little a point promises: the logarithm of its cost, plus a price for each point of accuracy
// by which it stands to miss `wanted`. Lower is better.
double Promise(const Outcome& outcome, const TreeSearchOptions& options);

class TreeSearch : public Strategy {
 public:
  TreeSearch(TreeSpace space, TreeSearchOptions options);
  ~TreeSearch() override;

  std::optional<Trial> Ask() override;
  // Outcomes may come in any order; a trial that is never told is never asked for again.
  void Tell(const Trial& trial, const Outcome& outcome) override;

  const std::vector<Evaluated>& evaluated() const { return evaluated_; }

 private:
  bool Hopeless() const;
  std::optional<Point> NextRoot();
  std::optional<Trial> Expand();
  std::vector<Point> Survivors(int rung) const;

  TreeSpace space_;
  TreeSearchOptions options_;
  std::vector<Point> queue_;    // of the rung under way
  std::set<std::string> seen_;  // keys of all points ever asked for
  std::vector<Evaluated> evaluated_;
  size_t next_root_ = 0;
  int rung_ = 0, asked_ = 0, told_ = 0;  // in the rung under way
};

// Points drawn from the roots and their neighbours at random, the same rungs: what tree search must
// beat.
std::unique_ptr<Strategy> MakeRandomSearch(TreeSpace space, TreeSearchOptions options);

}  // namespace nacre
