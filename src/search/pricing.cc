#include "search/pricing.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace nacre::search_internal {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Sums of so many terms are accurate to this share: a bound must not be too high.
constexpr double kRounding = 1 + 1e-12;

class Pricing {
 public:
  Pricing(const std::vector<Choice>& choices, int blocks, double limit)
      : choices_(choices), blocks_(blocks), limit_(limit), starting_(blocks), ending_(blocks) {
    for (size_t i = 0; i < choices.size(); ++i) {
      starting_[choices[i].first].push_back(static_cast<int>(i));
      ending_[choices[i].last].push_back(static_cast<int>(i));
    }
    bounds_.best = -kInfinity;
    bounds_.through.assign(choices.size(), -kInfinity);
  }

  // Raises the bounds to those at one price of cost. Returns the cost of the best cover at it.
  double Raise(double price) {
    const double paid = price * limit_ * kRounding;
    const Paths before = PathsBefore(price);
    const std::vector<double> behind = PathsBehind(price);
    for (size_t i = 0; i < choices_.size(); ++i) {
      const double sum =
          before.length[choices_[i].first] + Length(i, price) + behind[choices_[i].last + 1];
      bounds_.through[i] = std::max(bounds_.through[i], sum - paid);
    }
    bounds_.best = std::max(bounds_.best, before.length[blocks_] - paid);
    return before.cost[blocks_];
  }

  // The cost of the cheapest cover.
  double LeastCost() const {
    std::vector<double> before(blocks_ + 1, kInfinity);
    before[0] = 0;
    for (int b = 0; b < blocks_; ++b) {
      for (int i : ending_[b]) {
        before[b + 1] = std::min(before[b + 1], before[choices_[i].first] + choices_[i].cost);
      }
    }
    return before[blocks_];
  }

  LossBounds Take() && { return std::move(bounds_); }

 private:
  // Shortest paths from the first block to each cut, and what they cost.
  struct Paths {
    std::vector<double> length, cost;
  };

  double Length(size_t i, double price) const {
    return choices_[i].loss + price * choices_[i].cost;
  }

  Paths PathsBefore(double price) const {
    Paths paths{std::vector<double>(blocks_ + 1, kInfinity),
                std::vector<double>(blocks_ + 1, kInfinity)};
    paths.length[0] = 0;
    paths.cost[0] = 0;
    for (int b = 0; b < blocks_; ++b) {
      for (int i : ending_[b]) {
        const double length = paths.length[choices_[i].first] + Length(i, price);
        if (length >= paths.length[b + 1]) continue;
        paths.length[b + 1] = length;
        paths.cost[b + 1] = paths.cost[choices_[i].first] + choices_[i].cost;
      }
    }
    return paths;
  }

  // Lengths of the shortest paths from each cut to the last block.
  std::vector<double> PathsBehind(double price) const {
    std::vector<double> behind(blocks_ + 1, kInfinity);
    behind[blocks_] = 0;
    for (int b = blocks_ - 1; b >= 0; --b) {
      for (int i : starting_[b]) {
        behind[b] = std::min(behind[b], behind[choices_[i].last + 1] + Length(i, price));
      }
    }
    return behind;
  }

  const std::vector<Choice>& choices_;
  int blocks_;
  double limit_;
  std::vector<std::vector<int>> starting_, ending_;  // choices by block
  LossBounds bounds_;
};

// At a low price the best cover is over the limit, at a high one it is within. Every price on the
// way raises bounds.
void RaiseByBisection(Pricing& pricing, double limit) {
  constexpr int kHalvings = 40;
  double low = 0;
  double high = 1e-6;
  while (high < 1e12 && pricing.Raise(high) > limit) {
    low = high;
    high *= 4;
  }
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (pricing.Raise(middle) > limit ? low : high) = middle;
  }
}

}  // namespace

LossBounds LowerBounds(const std::vector<Choice>& choices, int blocks, double cost_limit) {
  Pricing pricing(choices, blocks, cost_limit);
  if (cost_limit > 0 && pricing.LeastCost() > cost_limit * kRounding) {
    return {kInfinity, std::vector<double>(choices.size(), kInfinity)};
  }
  const double cost = pricing.Raise(0);
  if (cost_limit > 0 && cost > cost_limit) RaiseByBisection(pricing, cost_limit);
  return std::move(pricing).Take();
}

}  // namespace nacre::search_internal
