#include "search/tree_search.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <stdexcept>

#include "forecast/accuracy_predictor.h"

namespace nacre {
namespace {

// A point of accuracy short weighs more than a factor of four in cost: a network that misses the
// limit is of little use. At a third of this price the search on ResNet-20 went for networks ten
// times faster that stood at 60 %.
constexpr double kPriceOfShortfall = 150;
// Survivors of one rung lie this far apart in cost, unless there are too few.
constexpr double kApart = 0.02;
constexpr size_t kParents = 6;
// Of Promise, above the best: with it a network is hopeless.
constexpr double kHopeless = 1.5;

// What trying a point stands to bring.
struct Expectation {
  double improvement = 0;  // by which its promise falls below the best one's, on average
  double promise = 0;      // at the mean of its accuracy; decides where nothing stands to improve
  bool BetterThan(const Expectation& other) const {
    return improvement != other.improvement ? improvement > other.improvement
                                            : promise < other.promise;
  }
};

// The accuracy of `mean` is that of a normal distribution, of which equally likely quantiles are
// tried.
Expectation Expect(const Outcome& mean, double deviation, double incumbent,
                   const TreeSearchOptions& options) {
  constexpr double kQuantiles[] = {-1.593, -0.967, -0.589, -0.282, 0,
                                   0.282,  0.589,  0.967,  1.593};  // 1/18, 3/18, ... 17/18
  Expectation expectation;
  for (const double z : kQuantiles) {
    Outcome outcome = mean;
    outcome.accuracy = std::clamp(mean.accuracy + z * deviation, 0.0, 1.0);
    const double promise = Promise(outcome, options);
    expectation.improvement += std::max(0.0, incumbent - promise) / std::size(kQuantiles);
    if (z == 0) expectation.promise = promise;
  }
  return expectation;
}

}  // namespace

double Promise(const Outcome& outcome, const TreeSearchOptions& options) {
  return std::log(std::max(outcome.cost, 1e-9)) +
         kPriceOfShortfall * std::max(0.0, options.wanted - options.trained(outcome));
}

TreeSearch::TreeSearch(TreeSpace space, TreeSearchOptions options)
    : space_(std::move(space)), options_(std::move(options)) {
  if (options_.rungs.empty()) throw std::logic_error("tree search needs a rung");
}

TreeSearch::~TreeSearch() = default;

// The last two roots promise far less than the best.
bool TreeSearch::Hopeless() const {
  std::vector<double> promises;
  for (const Evaluated& each : evaluated_) {
    if (each.trial.rung == 0 && each.outcome.error.empty()) {
      promises.push_back(Promise(each.outcome, options_));
    }
  }
  if (promises.size() < 3) return false;
  const double bound = *std::min_element(promises.begin(), promises.end()) + kHopeless;
  return promises.back() > bound && promises[promises.size() - 2] > bound;
}

std::optional<Point> TreeSearch::NextRoot() {
  if (next_root_ > 0 && Hopeless()) next_root_ = space_.roots.size();
  const int most = static_cast<int>(std::ceil(options_.roots * options_.rungs[0]));
  // Roots beyond the share are skipped evenly, so that those tried span all costs.
  const double stride = std::max(1.0, static_cast<double>(space_.roots.size()) / std::max(1, most));
  while (asked_ < most) {
    const auto index = static_cast<size_t>(next_root_ * stride);
    if (index >= space_.roots.size()) return std::nullopt;
    ++next_root_;
    const Point& root = space_.roots[index];
    if (space_.cost(root) >= 0 && seen_.insert(root.Key()).second) return root;
  }
  return std::nullopt;
}

// The modification of one of the best points with the greatest expectation. What it is predicted to
// have is counted from its parent's accuracy, in which all is that the features do not see; it goes
// on from its parent's training.
std::optional<Trial> TreeSearch::Expand() {
  AccuracyPredictor predictor;
  std::vector<std::pair<double, const Evaluated*>> good;  // with what it promises
  for (const Evaluated& each : evaluated_) {
    if (!each.outcome.error.empty() || each.trial.rung != 0) continue;
    predictor.Add(space_.features(each.trial.point), each.outcome.accuracy);
    good.emplace_back(Promise(each.outcome, options_), &each);
  }
  predictor.Fit();
  std::stable_sort(good.begin(), good.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  if (good.size() > kParents) good.resize(kParents);
  const double incumbent = good.empty() ? std::numeric_limits<double>::infinity() : good[0].first;
  std::optional<Trial> best;
  Expectation most;
  const auto consider = [&](const Point& parent, double surplus, double epochs, bool inherits) {
    for (Point& point : space_.neighbours(parent)) {
      const double cost = space_.cost(point);
      if (cost < 0 || seen_.count(point.Key())) continue;
      auto [mean, deviation] = predictor.Predict(space_.features(point));
      const Expectation expected =
          Expect({mean + surplus, cost, epochs}, deviation, incumbent, options_);
      if (best && !expected.BetterThan(most)) continue;
      best = Trial{std::move(point), 0};
      if (inherits) best->parent = parent;
      most = expected;
    }
  };
  for (const auto& [promise, each] : good) {
    const Point& parent = each->trial.point;
    consider(parent, each->outcome.accuracy - predictor.Predict(space_.features(parent)).first,
             each->outcome.epochs, true);
  }
  if (good.empty()) {  // all of them failed: look around them
    for (const Point& root : space_.roots) consider(root, 0, 0, false);
  }
  if (best) seen_.insert(best->point.Key());
  return best;
}

std::vector<Point> TreeSearch::Survivors(int rung) const {
  std::vector<const Evaluated*> order;
  for (const Evaluated& each : evaluated_) {
    if (each.trial.rung == rung && each.outcome.error.empty()) order.push_back(&each);
  }
  std::stable_sort(order.begin(), order.end(), [&](const Evaluated* a, const Evaluated* b) {
    return Promise(a->outcome, options_) < Promise(b->outcome, options_);
  });
  const auto most = static_cast<size_t>(options_.rungs[static_cast<size_t>(rung) + 1]);
  std::vector<const Evaluated*> chosen;
  for (double apart : {kApart, -1.0}) {  // the second pass fills up whatever lies close
    for (const Evaluated* each : order) {
      if (chosen.size() == most) break;
      const bool crowded = std::any_of(chosen.begin(), chosen.end(), [&](const Evaluated* other) {
        return other == each ||
               std::abs(std::log(other->outcome.cost / each->outcome.cost)) < apart;
      });
      if (!crowded) chosen.push_back(each);
    }
  }
  std::vector<Point> points;
  for (const Evaluated* each : chosen) points.push_back(each->trial.point);
  return points;
}

std::optional<Trial> TreeSearch::Ask() {
  const int rungs = static_cast<int>(options_.rungs.size());
  if (rung_ == 0 && asked_ < options_.rungs[0]) {
    std::optional<Trial> trial;
    if (const auto root = NextRoot()) trial = Trial{*root, 0};
    if (!trial && told_ > 0) trial = Expand();
    if (trial) {
      ++asked_;
      return trial;
    }
  }
  while (queue_.empty()) {
    if (rung_ + 1 >= rungs || told_ < asked_) return std::nullopt;
    queue_ = Survivors(rung_);
    ++rung_;
    asked_ = told_ = 0;
    if (queue_.empty()) return std::nullopt;
  }
  Trial trial{queue_.front(), rung_};
  queue_.erase(queue_.begin());
  ++asked_;
  return trial;
}

void TreeSearch::Tell(const Trial& trial, const Outcome& outcome) {
  if (trial.rung == rung_) ++told_;
  evaluated_.push_back({trial, outcome});
}

}  // namespace nacre
