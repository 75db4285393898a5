#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "search/cover.h"
#include "search/solver.h"

namespace nacre {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// The least loss of covering the blocks before each cut within each number of intervals of cost.
class LossTable {
 public:
  LossTable(const std::vector<Choice>& choices, int blocks, double limit, int bins)
      : choices_(choices),
        blocks_(blocks),
        bins_(bins),
        loss_(blocks + 1, std::vector<double>(bins + 1, kNever)),
        last_(blocks + 1, std::vector<int>(bins + 1)) {
    const double width = limit / bins;
    for (const Choice& choice : choices) {
      // Rounded up, but a cost that is a multiple of the interval stays one.
      const double intervals = std::ceil(choice.cost / width - 1e-9);
      intervals_.push_back(static_cast<int>(std::clamp(intervals, 0.0, bins + 1.0)));
    }
    loss_[0].assign(bins + 1, 0);
    Fill();
  }

  bool HasCover() const { return loss_[blocks_][bins_] < kNever; }

  std::vector<int> BestPicks() const {
    std::vector<int> picks;
    int left = bins_;
    for (int cut = blocks_; cut > 0; cut = choices_[picks.back()].first) {
      picks.push_back(last_[cut][left]);
      left -= intervals_[picks.back()];
    }
    return picks;
  }

 private:
  void Fill() {
    std::vector<std::vector<int>> ending(blocks_);  // choices by their last block
    for (size_t i = 0; i < choices_.size(); ++i) {
      ending[choices_[i].last].push_back(static_cast<int>(i));
    }
    for (int block = 0; block < blocks_; ++block) {
      for (int i : ending[block]) Extend(i);
    }
  }

  // Covers that end with choice i.
  void Extend(int i) {
    const std::vector<double>& before = loss_[choices_[i].first];
    const int cut = choices_[i].last + 1;
    for (int within = intervals_[i]; within <= bins_; ++within) {
      const double loss = before[within - intervals_[i]] + choices_[i].loss;
      if (loss < loss_[cut][within]) {
        loss_[cut][within] = loss;
        last_[cut][within] = i;
      }
    }
  }

  const std::vector<Choice>& choices_;
  int blocks_, bins_;
  std::vector<int> intervals_;             // of cost, by choice
  std::vector<std::vector<double>> loss_;  // by cut and intervals
  std::vector<std::vector<int>> last_;     // the choice that such a cover ends with
};

}  // namespace

Solution SolveDynamic(const std::vector<Choice>& choices, int blocks, double cost_limit, int bins) {
  if (blocks < 1 || bins < 1 || cost_limit <= 0) return {};
  search_internal::CheckBlocks(choices, blocks);
  const LossTable table(choices, blocks, cost_limit, bins);
  if (!table.HasCover()) return {};
  return search_internal::SolutionOf(choices, table.BestPicks());
}

}  // namespace nacre
