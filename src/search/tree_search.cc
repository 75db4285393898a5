#include "search/tree_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "forecast/accuracy_predictor.h"
#include "search/expected_improvement.h"

namespace nacre {

using search_internal::Expect;
using search_internal::Expectation;
using search_internal::PenalizedCost;

namespace {

// With fewer outcomes in the first rung no root is called hopeless.
constexpr size_t kLeastOutcomes = 3;

// A point that neighbours are made from.
struct Parent {
  Point point;
  double surplus = 0;  // of its accuracy over what the features predict: what they do not see
  double epochs = 0;
  bool inherits = true;  // its neighbours inherit its training
};

// Finds the neighbour with the best expectation.
class Expansion {
 public:
  Expansion(const SearchSpace& space, const TreeSearchOptions& options,
            const std::set<std::string>& seen, const AccuracyPredictor& predictor)
      : space_(space), options_(options), seen_(seen), predictor_(predictor) {}

  void Consider(const Parent& parent, double incumbent) {
    for (Point& point : space_.Neighbours(parent.point)) {
      const auto cost = space_.Cost(point);
      if (!cost || seen_.count(point.Key())) continue;
      const auto [mean, deviation] = predictor_.Predict(space_.Features(point));
      const Expectation expected =
          Expect({mean + parent.surplus, *cost, parent.epochs}, deviation, incumbent, options_);
      if (best_ && !expected.IsBetterThan(expectation_)) continue;
      best_ = Trial{std::move(point), 0};
      if (parent.inherits) best_->parent = parent.point;
      expectation_ = expected;
    }
  }

  std::optional<Trial> Take() && { return std::move(best_); }

 private:
  const SearchSpace& space_;
  const TreeSearchOptions& options_;
  const std::set<std::string>& seen_;
  const AccuracyPredictor& predictor_;
  std::optional<Trial> best_;
  Expectation expectation_;
};

// One of `chosen` is the same, or lies closer than `distance` in the logarithm of cost.
bool IsCrowded(const Evaluated* each, const std::vector<const Evaluated*>& chosen,
               double distance) {
  return std::any_of(chosen.begin(), chosen.end(), [&](const Evaluated* other) {
    return other == each || std::abs(std::log(other->outcome.cost / each->outcome.cost)) < distance;
  });
}

}  // namespace

TreeSearch::TreeSearch(const SearchSpace& space, TreeSearchOptions options)
    : space_(space), options_(std::move(options)), roots_(space.Roots()) {
  if (options_.rungs.empty()) throw std::logic_error("tree search needs a rung");
}

std::vector<Trial> TreeSearch::Ask(size_t most) {
  std::vector<Trial> trials;
  while (trials.size() < most) {
    auto trial = AskOne();
    if (!trial) break;
    trials.push_back(std::move(*trial));
  }
  return trials;
}

void TreeSearch::Tell(const Trial& trial, const Outcome& outcome) {
  if (trial.rung == rung_) ++told_;
  evaluated_.push_back({trial, outcome});
}

std::optional<Trial> TreeSearch::AskOne() {
  std::optional<Trial> trial;
  if (rung_ == 0 && asked_ < options_.rungs[0]) trial = AskFirstRung();
  if (!trial) {
    if (queue_.empty() && !StartNextRung()) return std::nullopt;
    trial = Trial{queue_.front(), rung_};
    queue_.erase(queue_.begin());
  }
  ++asked_;
  return trial;
}

std::optional<Trial> TreeSearch::AskFirstRung() {
  if (const auto root = NextRoot()) return Trial{*root, 0};
  if (told_ == 0) return std::nullopt;
  return Expand();
}

bool TreeSearch::StartNextRung() {
  const bool is_last = rung_ + 1 >= static_cast<int>(options_.rungs.size());
  if (is_last || told_ < asked_) return false;
  queue_ = Survivors();
  ++rung_;
  asked_ = 0;
  told_ = 0;
  return !queue_.empty();
}

std::vector<const Evaluated*> TreeSearch::Succeeded(int rung) const {
  std::vector<const Evaluated*> succeeded;
  for (const Evaluated& each : evaluated_) {
    if (each.trial.rung == rung && each.outcome.Succeeded()) succeeded.push_back(&each);
  }
  return succeeded;
}

std::vector<const Evaluated*> TreeSearch::BestFirst(int rung) const {
  std::vector<std::pair<double, const Evaluated*>> order;
  for (const Evaluated* each : Succeeded(rung)) {
    order.emplace_back(PenalizedCost(each->outcome, options_), each);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const Evaluated*> sorted;
  for (const auto& [penalized, each] : order) sorted.push_back(each);
  return sorted;
}

// Roots become cheaper, so two hopeless ones in a row leave no hope for those that follow.
bool TreeSearch::AreRootsHopeless() const {
  std::vector<double> penalized;
  for (const Evaluated* each : Succeeded(0)) {
    penalized.push_back(PenalizedCost(each->outcome, options_));
  }
  if (penalized.size() < kLeastOutcomes) return false;
  const double bound =
      *std::min_element(penalized.begin(), penalized.end()) + priors::kHopelessExcess;
  return penalized.back() > bound && penalized[penalized.size() - 2] > bound;
}

std::optional<Point> TreeSearch::NextRoot() {
  if (next_root_ > 0 && AreRootsHopeless()) roots_ended_ = true;
  if (roots_ended_) return std::nullopt;
  const int most = static_cast<int>(std::ceil(options_.roots * options_.rungs[0]));
  // Roots beyond the share are skipped evenly, so that those tried span all costs.
  const double stride = std::max(1.0, static_cast<double>(roots_.size()) / std::max(1, most));
  while (asked_ < most) {
    const auto index = static_cast<size_t>(static_cast<double>(next_root_) * stride);
    if (index >= roots_.size()) return std::nullopt;
    ++next_root_;
    const Point& root = roots_[index];
    if (space_.Cost(root) && seen_.insert(root.Key()).second) return root;
  }
  return std::nullopt;
}

// The modification of one of the best points with the best expectation. Its accuracy is counted
// from its parent's, which holds all that the features do not see; it goes on from its parent's
// training.
std::optional<Trial> TreeSearch::Expand() {
  AccuracyPredictor predictor;
  for (const Evaluated* each : Succeeded(0)) {
    predictor.Add(space_.Features(each->trial.point), each->outcome.accuracy);
  }
  predictor.Fit();
  Expansion expansion(space_, options_, seen_, predictor);
  const std::vector<const Evaluated*> best = BestFirst(0);
  const size_t parents = std::min(best.size(), static_cast<size_t>(priors::kParents.Count()));
  for (size_t i = 0; i < parents; ++i) {
    const Point& point = best[i]->trial.point;
    const Outcome& outcome = best[i]->outcome;
    const double predicted = predictor.Predict(space_.Features(point)).first;
    expansion.Consider({point, outcome.accuracy - predicted, outcome.epochs},
                       PenalizedCost(best[0]->outcome, options_));
  }
  if (best.empty()) {  // all have failed: their neighbours may not
    for (const Point& root : roots_) {
      expansion.Consider({.point = root, .inherits = false},
                         std::numeric_limits<double>::infinity());
    }
  }
  auto trial = std::move(expansion).Take();
  if (trial) seen_.insert(trial->point.Key());
  return trial;
}

std::vector<Point> TreeSearch::Survivors() const {
  const std::vector<const Evaluated*> order = BestFirst(rung_);
  const auto most = static_cast<size_t>(options_.rungs[static_cast<size_t>(rung_) + 1]);
  std::vector<const Evaluated*> chosen;
  // The second pass fills up with whatever lies close to those chosen.
  for (const double distance : {priors::kSurvivorDistance.value, 0.0}) {
    for (const Evaluated* each : order) {
      if (chosen.size() < most && !IsCrowded(each, chosen, distance)) chosen.push_back(each);
    }
  }
  std::vector<Point> points;
  for (const Evaluated* each : chosen) points.push_back(each->trial.point);
  return points;
}

}  // namespace nacre
