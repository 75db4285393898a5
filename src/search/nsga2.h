// NSGA-II (Deb, Pratap, Agarwal and Meyarivan, IEEE Transactions on Evolutionary Computation 6,
// 2002) over ordinal genes: the front of accuracy and cost, by generations.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "search/front.h"
#include "search/strategy.h"

namespace nacre {

struct Nsga2Options {
  // Values of each gene, 0 to one less; neighbouring values are alike. None is 0.
  std::vector<int> choices;
  std::vector<Point> seeds;  // that the first generation begins with
  int population = 40;
  int evaluations = 200;  // in all
  uint64_t seed = 0;
};

// Genes cross over uniformly and mutate to a neighbouring value, each with a probability of one
// over their number. Failed outcomes are dominated by all others (constrained domination). No point
// is asked for twice.
class Nsga2 : public Strategy {
 public:
  // Throws std::logic_error when there are no genes, or a gene has no value.
  explicit Nsga2(Nsga2Options options);

  std::vector<Trial> Ask(size_t most) override;
  void Tell(const Trial& trial, const Outcome& outcome) override;

  // All outcomes so far, in the order in which they were told.
  const std::vector<Evaluated>& evaluated() const { return evaluated_; }

 private:
  void Begin();
  void NextGeneration();
  Point RandomPoint();
  Point Child(const std::vector<size_t>& order);
  // New to each other and to what was asked for; fewer where the space is used up.
  std::vector<Point> NewPoints(size_t count, const std::function<Point()>& make);

  const Nsga2Options options_;
  Random random_;
  std::vector<Evaluated> population_;  // survivors, best first
  std::vector<Evaluated> evaluated_;
  std::vector<Point> queue_;  // of this generation, still to be asked for
  std::vector<Evaluated> told_;
  std::set<std::string> seen_;  // keys of all points ever asked for
  int asked_ = 0, waiting_ = 0;
  bool begun_ = false;
};

// Indices of the outcomes, best first: by domination, and within one front those in less crowded
// places first (the paper's crowded comparison).
std::vector<size_t> CrowdedOrder(const std::vector<Outcome>& outcomes);

}  // namespace nacre
