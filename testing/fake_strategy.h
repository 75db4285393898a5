// A strategy without a mind of its own, for tests of what drives strategies.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "search/strategy.h"

namespace nacre {

// Asks for batches of trials, one after the other: the next one only when all of the one before
// have been told. Keeps what it was asked and told.
class FakeStrategy : public Strategy {
 public:
  explicit FakeStrategy(std::vector<std::vector<Trial>> batches) : batches_(std::move(batches)) {}

  std::vector<Trial> Ask(size_t most) override {
    asked_.push_back(most);
    if (next_ == Here() && waiting_ == 0 && batch_ + 1 < batches_.size()) {
      ++batch_;
      next_ = 0;
    }
    std::vector<Trial> trials;
    while (trials.size() < most && next_ < Here()) trials.push_back(batches_[batch_][next_++]);
    waiting_ += trials.size();
    return trials;
  }

  void Tell(const Trial& trial, const Outcome& outcome) override {
    --waiting_;
    told_.emplace_back(trial.point.Key(), outcome);
  }

  const std::vector<size_t>& asked() const { return asked_; }  // `most` of every call
  const std::vector<std::pair<std::string, Outcome>>& told() const { return told_; }

 private:
  size_t Here() const { return batches_.empty() ? 0 : batches_[batch_].size(); }

  std::vector<std::vector<Trial>> batches_;
  size_t batch_ = 0, next_ = 0, waiting_ = 0;
  std::vector<size_t> asked_;
  std::vector<std::pair<std::string, Outcome>> told_;
};

}  // namespace nacre
