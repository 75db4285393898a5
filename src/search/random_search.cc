#include "search/random_search.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/random.h"

namespace nacre {
namespace {

constexpr int kTries = 200;  // walks that may end where the search has been before it gives up
constexpr uint64_t kLongestWalk = 4;  // less than so many moves from a root

class RandomSearch : public Strategy {
 public:
  RandomSearch(const SearchSpace& space, TreeSearchOptions options)
      : space_(space),
        options_(std::move(options)),
        roots_(space.Roots()),
        random_(options_.seed) {}

  std::vector<Trial> Ask(size_t most) override {
    std::vector<Trial> trials;
    while (trials.size() < most && asked_ < options_.rungs[0] && !roots_.empty()) {
      auto point = NewPoint();
      if (!point) break;
      ++asked_;
      trials.push_back({std::move(*point), 0});
    }
    return trials;
  }

  void Tell(const Trial&, const Outcome&) override {}

 private:
  // Nothing when all walks end at points that were asked for before, or are not to be tried.
  std::optional<Point> NewPoint() {
    for (int attempt = 0; attempt < kTries; ++attempt) {
      Point point = Walk();
      if (space_.Cost(point) && seen_.insert(point.Key()).second) return point;
    }
    return std::nullopt;
  }

  Point Walk() {
    Point point = roots_[random_.Below(roots_.size())];
    for (uint64_t moves = random_.Below(kLongestWalk); moves > 0; --moves) {
      const auto neighbours = space_.Neighbours(point);
      if (!neighbours.empty()) point = neighbours[random_.Below(neighbours.size())];
    }
    return point;
  }

  const SearchSpace& space_;
  TreeSearchOptions options_;
  std::vector<Point> roots_;
  Random random_;
  std::set<std::string> seen_;
  int asked_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> MakeRandomSearch(const SearchSpace& space, TreeSearchOptions options) {
  return std::make_unique<RandomSearch>(space, std::move(options));
}

}  // namespace nacre
