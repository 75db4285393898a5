#include <algorithm>

#include "search/tree_search.h"

namespace nacre {
namespace {

// The roots, then random walks from random roots.
class RandomSearch : public Strategy {
 public:
  RandomSearch(TreeSpace space, TreeSearchOptions options)
      : space_(std::move(space)), options_(std::move(options)), random_(options_.seed) {}

  std::optional<Trial> Ask() override {
    constexpr int kTries = 200, kSteps = 4;
    if (asked_ >= options_.rungs[0] || space_.roots.empty()) return std::nullopt;
    for (int attempt = 0; attempt < kTries; ++attempt) {
      Point point = space_.roots[random_.Below(space_.roots.size())];
      for (uint64_t steps = random_.Below(kSteps); steps > 0; --steps) {
        const auto neighbours = space_.neighbours(point);
        if (!neighbours.empty()) point = neighbours[random_.Below(neighbours.size())];
      }
      if (space_.cost(point) < 0 || !seen_.insert(point.Key()).second) continue;
      ++asked_;
      return Trial{point, 0};
    }
    return std::nullopt;
  }

  void Tell(const Trial&, const Outcome&) override {}

 private:
  TreeSpace space_;
  TreeSearchOptions options_;
  Random random_;
  std::set<std::string> seen_;
  int asked_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> MakeRandomSearch(TreeSpace space, TreeSearchOptions options) {
  return std::make_unique<RandomSearch>(std::move(space), std::move(options));
}

}  // namespace nacre
