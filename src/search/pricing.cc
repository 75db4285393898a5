#include "search/pricing.h"

#include <algorithm>
#include <limits>

namespace nacre {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

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

  // Raises the bounds by those at one price of latency; the latency of the cheapest cover at it.
  double Raise(double price) {
    // Sums of so many terms are this sure: a bound must not be too high.
    const double paid = price * limit_ * (1 + 1e-12);
    const auto priced = [&](int i) { return choices_[i].cost + price * choices_[i].latency; };
    std::vector<double> before(blocks_ + 1, kInfinity), behind(blocks_ + 1, kInfinity);
    std::vector<double> latency(blocks_ + 1, kInfinity);
    before[0] = behind[blocks_] = latency[0] = 0;
    for (int b = 0; b < blocks_; ++b) {
      for (int i : ending_[b]) {
        const double sum = before[choices_[i].first] + priced(i);
        if (sum >= before[b + 1]) continue;
        before[b + 1] = sum;
        latency[b + 1] = latency[choices_[i].first] + choices_[i].latency;
      }
    }
    for (int b = blocks_ - 1; b >= 0; --b) {
      for (int i : starting_[b])
        behind[b] = std::min(behind[b], behind[choices_[i].last + 1] + priced(i));
    }
    for (size_t i = 0; i < choices_.size(); ++i) {
      const double sum =
          before[choices_[i].first] + priced(static_cast<int>(i)) + behind[choices_[i].last + 1];
      bounds_.through[i] = std::max(bounds_.through[i], sum - paid);
    }
    bounds_.best = std::max(bounds_.best, before[blocks_] - paid);
    return latency[blocks_];
  }

  // Of the fastest cover.
  double LeastLatency() const {
    std::vector<double> before(blocks_ + 1, kInfinity);
    before[0] = 0;
    for (int b = 0; b < blocks_; ++b) {
      for (int i : ending_[b]) {
        before[b + 1] = std::min(before[b + 1], before[choices_[i].first] + choices_[i].latency);
      }
    }
    return before[blocks_];
  }

  Bounds Take() && { return std::move(bounds_); }

 private:
  const std::vector<Choice>& choices_;
  int blocks_;
  double limit_;
  std::vector<std::vector<int>> starting_, ending_;  // choices by block
  Bounds bounds_;
};

}  // namespace

Bounds LowerBounds(const std::vector<Choice>& choices, int blocks, double latency_limit) {
  Pricing pricing(choices, blocks, latency_limit);
  if (latency_limit > 0 && pricing.LeastLatency() > latency_limit * (1 + 1e-12)) {
    return {kInfinity, std::vector<double>(choices.size(), kInfinity)};
  }
  if (pricing.Raise(0) <= latency_limit || latency_limit <= 0) return std::move(pricing).Take();
  double low = 0, high = 1e-6;
  while (high < 1e12 && pricing.Raise(high) > latency_limit) {
    low = high;
    high *= 4;
  }
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (pricing.Raise(middle) > latency_limit ? low : high) = middle;
  }
  return std::move(pricing).Take();
}

}  // namespace nacre
